import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { afterEach, expect } from "vitest";
import { openApiClient } from "../../../../server/fleet/gamelift-api/api-client.ts";
import { CallBudget } from "../../../../server/fleet/gamelift-api/call-budget.ts";
import { GameLiftApiReader } from "../../../../server/fleet/gamelift-api/gamelift-api-reader.ts";
import { type ApiAnswer, AwsJsonEndpoint } from "../../../support/aws-json-endpoint.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";

export const never = new AbortController().signal;
export const GAME_SESSION = "arn:aws:gamelift:eu-west-1::gamesession/fleet-1a2b/gs-1";

/** What no error may show. */
export const SECRETS = {
  keyId: "AKIDFIRSTEXAMPLE",
  key: "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY",
  token: "FwoGZXIvYXdzEXAMPLETOKEN",
  playerSessionId: "psess-1d0f3b62-secret",
};

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

/** A directory of its own, gone after the test. */
export function directory(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), "fleetroom-api-"));
  cleanUp.push(() => rmSync(made, { recursive: true }));
  return made;
}

export function credentialsText(keyId: string, profile = "FleetRoleCredentials"): string {
  return `[${profile}]\naws_access_key_id = ${keyId}\naws_secret_access_key = ${SECRETS.key}\naws_session_token = ${SECRETS.token}\n`;
}

export function credentialsFile(): string {
  const file = path.join(directory(), "credentials");
  writeFileSync(file, credentialsText(SECRETS.keyId));
  return file;
}

/** As the API describes one; RESERVED in our game session unless told otherwise. */
export function described(id: string, over: object = {}): Record<string, unknown> {
  return {
    PlayerSessionId: id,
    PlayerId: `player of ${id}`,
    GameSessionId: GAME_SESSION,
    FleetId: "fleet-1a2b",
    CreationTime: 1_790_000_000.25,
    Status: "RESERVED",
    IpAddress: "127.0.0.1",
    Port: 7000,
    ...over,
  };
}

export async function endpointWith(answer: ApiAnswer): Promise<AwsJsonEndpoint> {
  const endpoint = await AwsJsonEndpoint.open(answer);
  cleanUp.push(() => endpoint[Symbol.asyncDispose]());
  return endpoint;
}

class CountedBudget extends CallBudget {
  asked = 0;

  override take(signal: AbortSignal): Promise<boolean> {
    this.asked++;
    return super.take(signal);
  }
}

/** A reader whose calls really go over HTTP, while its time is stepped. The budget does not matter unless given. */
export async function readerWith(
  answer: ApiAnswer,
  options: {
    callsPerSecond?: number;
    onlyStatus?: "RESERVED";
    file?: string;
    random?: number;
  } = {},
) {
  const endpoint = await endpointWith(answer);
  const clock = new FakeClock(0, Date.now());
  const client = openApiClient({
    region: "eu-west-1",
    endpointUrl: endpoint.url,
    credentialsFile: options.file ?? credentialsFile(),
    profile: "FleetRoleCredentials",
    clock,
  });
  const { callsPerSecond = Number.POSITIVE_INFINITY, onlyStatus } = options;
  const budget = new CountedBudget(clock, callsPerSecond);
  let rests = 0;
  const reader = new GameLiftApiReader({
    client,
    clock,
    budget,
    callsPerSecond,
    ...(onlyStatus !== undefined && { onlyStatus }),
    random: () => {
      rests++;
      return options.random ?? 0.5;
    },
  });
  cleanUp.push(() => reader[Symbol.dispose]());
  const describe = (signal = never) => reader.playerSessions(GAME_SESSION, signal);
  /** Resolves once so many calls rest before their second try. */
  const resting = (count = 1) => until(() => rests === count);
  /** Resolves once so many calls, tries counted apart, were asked of the budget: what came before has its answer. */
  const wanting = (calls: number) => until(() => budget.asked === calls);
  return { endpoint, clock, reader, describe, resting, wanting };
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle();
}

/** What it was rejected with; fails the test when it was not, or when the error shows a secret. */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(outcome).toBeInstanceOf(Error);
  const shown = inspect(outcome, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  for (const secret of Object.values(SECRETS)) expect(shown).not.toContain(secret);
  return outcome as Error;
}
