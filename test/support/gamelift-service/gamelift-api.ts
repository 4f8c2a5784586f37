import { randomUUID } from "node:crypto";
import { isGiven, type Message } from "../../../emulator/server-sdk/rules/answer.ts";
import { AwsRefusal, type OperationHandler } from "./aws-endpoint.ts";
import type { GameLiftService } from "./service.ts";

const COMPUTE_NAME = /^[a-zA-Z0-9-]{1,128}(\/[a-zA-Z0-9-]+)?$/;
const LOCATION = /^[A-Za-z0-9-]{1,64}$/;
const PLAYER_SESSION_ID = /^psess-\S+$/;
const STATUSES = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"];
const ACCOUNT = "123456789012";
const PAGE_MAX = 1024;

interface Registered {
  readonly location: string;
  readonly createdAtMs: number;
  readonly address: Message;
  token: { readonly text: string; readonly expiresAtWallMs: number } | undefined;
}

/**
 * The operations of the AWS API that a fleet of one's own machines and a second opinion on players need, over what a
 * {@link GameLiftService} knows. For an `AwsJsonEndpoint`.
 * @param options.tokenLifetimeMs - Of an auth token, one hour unless given.
 * @param options.renewBelowMs - A compute is given the same token until less than this is left of it; 15 min unless given.
 */
export function gameLiftApi(
  service: GameLiftService,
  options: { tokenLifetimeMs?: number; renewBelowMs?: number } = {},
): Readonly<Record<string, OperationHandler>> {
  const { tokenLifetimeMs = 3_600_000, renewBelowMs = 900_000 } = options;
  const computes = new Map<string, Registered>();
  const arnOf = (rest: string) => `arn:aws:gamelift:${service.region}:${ACCOUNT}:${rest}`;
  const fleetArn = arnOf(`fleet/${service.fleetId}`);

  const isOurFleet = (id: unknown) => id === service.fleetId || id === fleetArn;

  const identity = (computeName: string) => ({
    FleetId: service.fleetId,
    FleetArn: fleetArn,
    ComputeName: computeName,
    ComputeArn: arnOf(`compute/${computeName}`),
  });

  const registered = (input: Message): [string, Registered] => {
    const given = input["ComputeName"];
    const name = String(given).replace(arnOf("compute/"), "");
    const compute = computes.get(name);
    if (!isOurFleet(input["FleetId"])) throw notFound("fleet");
    if (!COMPUTE_NAME.test(name)) throw invalid("ComputeName");
    if (compute === undefined) throw notFound("compute");
    return [name, compute];
  };

  return {
    RegisterCompute(input) {
      const { FleetId, ComputeName, Location } = input;
      if (!isOurFleet(FleetId)) throw invalid("FleetId");
      if (!matches(COMPUTE_NAME, ComputeName)) throw invalid("ComputeName");
      if (!matches(LOCATION, Location)) throw invalid("Location");
      const address = addressIn(input);
      if (computes.has(ComputeName) || service.gate.hasCompute(ComputeName)) {
        throw new AwsRefusal("ConflictException", "The compute is registered.");
      }
      const createdAtMs = service.clock.wallMs();
      computes.set(ComputeName, { location: Location, createdAtMs, address, token: undefined });
      service.gate.admitCompute(ComputeName);
      return {
        Compute: {
          ...identity(ComputeName),
          ...address,
          ComputeStatus: "ACTIVE",
          Location,
          CreationTime: createdAtMs / 1_000,
          GameLiftServiceSdkEndpoint: service.url,
        },
      };
    },

    GetComputeAuthToken(input) {
      const [name, compute] = registered(input);
      const wallMs = service.clock.wallMs();
      if (compute.token === undefined || compute.token.expiresAtWallMs - wallMs < renewBelowMs) {
        compute.token = { text: randomUUID(), expiresAtWallMs: wallMs + tokenLifetimeMs };
        const { text, expiresAtWallMs } = compute.token;
        service.gate.admitToken(text, { expiresAtWallMs, computeId: name });
      }
      const { text, expiresAtWallMs } = compute.token;
      return { ...identity(name), AuthToken: text, ExpirationTimestamp: expiresAtWallMs / 1_000 };
    },

    DeregisterCompute(input) {
      const [name] = registered(input);
      computes.delete(name);
      service.gate.dropCompute(name);
      return {};
    },

    DescribePlayerSessions(input) {
      const query = describable(input);
      const answer = service.sessions.players.describe(query, (id) =>
        service.sessions.addressOf(id),
      );
      if (answer.StatusCode === 404) throw notFound("session");
      if (answer.StatusCode !== 200) throw invalid("NextToken");
      const PlayerSessions = (answer["PlayerSessions"] as Message[]).map((session) =>
        asApi(session, fleetArn),
      );
      const { NextToken } = answer;
      return NextToken === null ? { PlayerSessions } : { PlayerSessions, NextToken };
    },
  };
}

function addressIn({ IpAddress, DnsName }: Message): Message {
  if (typeof IpAddress !== "string" && typeof DnsName !== "string") throw invalid("IpAddress");
  return {
    ...(typeof IpAddress === "string" && { IpAddress }),
    ...(typeof DnsName === "string" && { DnsName }),
  };
}

function describable(input: Message): Message {
  const { GameSessionId, PlayerSessionId, PlayerId, PlayerSessionStatusFilter, Limit } = input;
  const ids = [GameSessionId, PlayerSessionId, PlayerId].filter(isGiven);
  if (ids.length !== 1 || typeof ids[0] !== "string") throw invalid("exactly one id");
  if (isGiven(PlayerSessionId) && !matches(PLAYER_SESSION_ID, PlayerSessionId)) {
    throw invalid("PlayerSessionId");
  }
  if (isGiven(PlayerSessionStatusFilter) && !STATUSES.includes(String(PlayerSessionStatusFilter))) {
    throw invalid("PlayerSessionStatusFilter");
  }
  if (Limit === undefined) return input;
  if (!Number.isInteger(Limit) || Number(Limit) < 1) throw invalid("Limit");
  return { ...input, Limit: Math.min(Number(Limit), PAGE_MAX) };
}

/** Times in seconds, and what is empty left out. */
function asApi(session: Message, fleetArn: string): Message {
  const { CreationTime, TerminationTime, ...rest } = session;
  const members = {
    ...rest,
    FleetArn: fleetArn,
    CreationTime: Number(CreationTime) / 1_000,
    TerminationTime: TerminationTime === 0 ? "" : Number(TerminationTime) / 1_000,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ""));
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === "string" && pattern.test(value);
}

function invalid(what: string): AwsRefusal {
  return new AwsRefusal("InvalidRequestException", `Not valid: ${what}`);
}

function notFound(what: string): AwsRefusal {
  return new AwsRefusal("NotFoundException", `No such ${what}`);
}
