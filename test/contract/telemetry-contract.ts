import { describe, expect, it } from "vitest";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";

const holder = { playerId: "player-1", playerSessionHash: "0a1b2c3d", seat: 0 };
const seat = { ...holder, connectionId: 7 };
const cause = new Error("no answer", { cause: new TypeError("closed") });

/** One plausible event of every kind; the compiler sees to it that none is missing. */
export const everyEvent: { readonly [Name in keyof Telemetry]: Parameters<Telemetry[Name]>[0] } = {
  serverListening: { port: 7000, adminPort: 7100, room: "arena", fleet: "local", tls: "off" },
  healthChanged: { isHealthy: false, reason: "ticks_stalled" },
  serverStopping: { reason: "signal", deadlineMs: 10_000 },
  serverStopped: { exitCode: 0 },
  gameSessionStateChanged: { gameSessionId: "gsess-1", from: "active", to: "vacant" },
  gameSessionPlaced: {
    gameSessionId: "gsess-1",
    gameSessionName: "a match",
    placementId: "placement-1",
    matchId: "match-1",
    ticketId: "ticket-1",
    traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  },
  gameSessionStarted: { gameSessionId: "gsess-1", room: "arena", seatsMax: 32 },
  gameSessionFailed: { gameSessionId: "gsess-1", reason: "room_timed_out" },
  gameSessionEnded: {
    gameSessionId: "gsess-1",
    outcome: "completed",
    why: "over",
    resultId: "r-1",
    ticks: 9,
  },
  joinRefused: {
    reason: "unknown",
    connectionId: 7,
    remoteAddress: "127.0.0.1",
    playerSessionHash: "0a1b2c3d",
  },
  joinEnded: {
    connectionId: 7,
    transport: "tcp",
    outcome: "joined",
    durationMs: 12.5,
    traceParent: "",
  },
  playerJoined: { ...seat, isTakeover: false },
  playerDropped: { ...seat, closeCode: 1006 },
  playerReconnected: seat,
  playerLeft: holder,
  playerSessionRemoveFailed: { playerSessionHash: "0a1b2c3d", cause },
  connectionClosed: { connectionId: 7, closeCode: 1000 },
  requestRefused: { status: 404 },
  handshakeFailed: { reason: "over_budget" },
  certificateLoaded: { fingerprint: "AB:CD", names: "DNS:a.example", validUntil: "2027-01-01" },
  certificateRejected: { problem: "the certificate and the key do not belong together" },
  commandDropped: { reason: "malformed" },
  tickRan: { durationMs: 1.5, lateMs: 0.2, intervalMs: 50.1, commands: 12 },
  stepOverran: { lateMs: 40.5, droppedTicks: 1 },
  roomFault: { where: "step", cause },
  clientFault: { where: "decode", playerId: "player-1", cause },
  resultDelivered: { resultId: "r-1", attempts: 1 },
  resultNotDelivered: { resultId: "r-1", attempts: 3, cause },
  journalTruncated: { bytes: 67_108_864 },
  journalFailed: { cause },
  fleetCallFailed: { action: "accept_player_session", cause },
  fleetCallEnded: { action: "accept_player_session", outcome: "ok", durationMs: 7.5 },
  fleetReachable: { isReachable: false },
  fleetLost: { cause },
  fleetBreakerTurned: { isOpen: true, source: "fleet" },
  backfillStarted: { gameSessionId: "gsess-1", ticketId: "ticket-1", players: 3, seatsFree: 1 },
  backfillEnded: { gameSessionId: "gsess-1", ticketId: "ticket-1", outcome: "matched" },
  backfillGivenUp: { gameSessionId: "gsess-1", tries: 10 },
  localSessionFileRejected: { problems: ["the file is not JSON"] },
  vendorMessage: { level: "warn", message: "something" },
};

export const eventNames = Object.keys(everyEvent) as (keyof Telemetry)[];

/** Calls one event with anything at all, as a caller that breaks its own types would. */
export function tell(telemetry: Telemetry, event: keyof Telemetry, info: unknown): void {
  (telemetry[event] as (info: unknown) => void).call(telemetry, info);
}

/** What no caller that keeps to the port would pass. */
export function hostileValues(): unknown[] {
  const cycle: Record<string, unknown> = { cause: 1 };
  cycle["cause"] = cycle;
  const throws = () => {
    throw new Error("hostile");
  };
  const endless = new Error("loop");
  endless.cause = endless;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  return [
    undefined,
    null,
    5,
    "text",
    Symbol("x"),
    10n ** 50n,
    throws,
    cycle,
    [cycle],
    endless,
    { cause: endless, reason: cycle, status: Symbol("s"), closeCode: Number.NaN },
    { cause: Object.defineProperty(new Error("x"), "message", { get: throws }) },
    { cause: Object.defineProperty({}, "reason", { get: throws, enumerable: true }) },
    { cause: revoked.proxy, reason: revoked.proxy },
    revoked.proxy,
    { level: "__proto__", message: { toString: throws, toJSON: throws } },
    { level: "silly", message: "x".repeat(1_000_000) },
    { cause: "\u2028\u2029\n\r\u0000\ud800", time: "forged", event: "forged" },
    { cause: Array.from({ length: 10_000 }, () => "y".repeat(1000)) },
    Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index])),
  ];
}

/** What all telemetry promises: every event may be told at any time, and telling never throws. */
export function describeTelemetryContract(name: string, make: () => Telemetry): void {
  describe(`${name} keeps the telemetry contract`, () => {
    it.each(eventNames)("[TL1] takes %s", (event) => {
      expect(tell(make(), event, everyEvent[event])).toBeUndefined();
    });

    it.each(eventNames)("[TL1] does not throw whatever %s carries", (event) => {
      const telemetry = make();
      for (const value of hostileValues()) {
        expect(() => tell(telemetry, event, value)).not.toThrow();
      }
    });
  });
}
