import { existsSync } from "node:fs";
import { type Clock, sleep } from "../../clock.ts";
import { ErrorCode, GameServerError } from "../../errors.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { CallBudget } from "./call-budget.ts";
import { GameLiftApiReader } from "./gamelift-api-reader.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";

/** Where a GameLift instance keeps the credentials of its fleet's role, when the fleet shares them by file. */
const USUAL_CREDENTIALS_FILE = "/local/credentials/credentials";

/** The part of the server's configuration that matters here. */
interface SecondOpinionConfig {
  readonly validator: "server-sdk" | "server-sdk+api";
  readonly api: { readonly callsPerSecond: number };
  readonly aws: {
    readonly region: string;
    /** `""` means the Region's own. */
    readonly endpointUrl: string;
    /** `""` means the usual file if it exists, otherwise whatever the AWS SDK finds. */
    readonly credentialsFile: string;
    readonly profile: string;
  };
}

/**
 * Opens the second opinion on who a player is, once it has proved that it may give one. It describes those alone who
 * still wait for their player: nobody else gets a seat, and the list of all who were ever there grows with the match
 * until no budget is enough for its pages.
 *
 * Loads the AWS SDK only when it is wanted.
 *
 * @param seams - For tests.
 * @returns `undefined` when the configuration wants none.
 * @throws GameServerError FLEET_API_DENIED when the credentials are missing or do not allow it, FLEET_UNREACHABLE when
 *   there was no telling within `GAMELIFT_API_LIMITS.proofMs`.
 */
export async function openSecondOpinion(
  config: SecondOpinionConfig,
  clock: Clock,
  telemetry: Pick<Telemetry, "fleetCallFailed">,
  seams: { usualCredentialsFile?: string; random?: () => number } = {},
): Promise<GameLiftApiReader | undefined> {
  if (config.validator !== "server-sdk+api") return undefined;
  const { openApiClient } = await import("./api-client.ts");
  const { usualCredentialsFile = USUAL_CREDENTIALS_FILE, random = Math.random } = seams;
  const { region, endpointUrl, profile } = config.aws;
  const { callsPerSecond } = config.api;
  const budget = new CallBudget(clock, callsPerSecond);
  const lastTryAtMs = clock.nowMs() + GAMELIFT_API_LIMITS.proofMs;
  for (;;) {
    const isUsualThere = existsSync(usualCredentialsFile);
    const credentialsFile =
      config.aws.credentialsFile || (isUsualThere ? usualCredentialsFile : "");
    const client = openApiClient({ region, endpointUrl, credentialsFile, profile, clock });
    const onlyStatus = "RESERVED";
    const reader = new GameLiftApiReader({
      client,
      clock,
      budget,
      callsPerSecond,
      onlyStatus,
      random,
    });
    try {
      await prove(reader, clock);
      return reader;
    } catch (cause) {
      reader[Symbol.dispose]();
      // Without a file the role's credentials may just not have been written yet.
      const mayPass = credentialsFile === "" || isUnreachable(cause);
      if (!mayPass || clock.nowMs() >= lastTryAtMs) throw cause;
      telemetry.fleetCallFailed({ action: "describe_player_sessions", cause });
    }
    await sleep(clock, GAMELIFT_API_LIMITS.proofRestMs);
  }
}

async function prove(reader: GameLiftApiReader, clock: Clock): Promise<void> {
  const deadline = new AbortController();
  const cancel = clock.after(GAMELIFT_API_LIMITS.proofTryMs, () => deadline.abort());
  try {
    await reader.proveAccess(deadline.signal);
  } finally {
    cancel();
  }
}

function isUnreachable(cause: unknown): boolean {
  return cause instanceof GameServerError && cause.code === ErrorCode.FLEET_UNREACHABLE;
}
