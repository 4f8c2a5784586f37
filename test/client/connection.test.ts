import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type JoinOptions,
  joinMatch,
  type MatchConnection,
  resumeMatch,
} from "../../client/connection.ts";
import { BAD_ADDRESS, FAILED_TO_RECONNECT, UNREACHABLE } from "../../client/refusal.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import type { RoomClass } from "../../server/host/hosted-room.ts";
import { CuttableProxy } from "../support/cuttable-proxy.ts";
import { GreetingRoom, greeting, type State } from "../support/greeting-room.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const PLAYERS = 60;
const fleet = new ScriptedFleet(PLAYERS);
let server: InProcessServer;
let proxy: CuttableProxy;
let player = 0;

beforeAll(async () => {
  // The SDK reports each attempt to reconnect on the console, for people.
  vi.spyOn(console, "info").mockImplementation(() => {});
  server = await startInProcess({
    fleet,
    name: "greeting",
    game: { kind: "room", roomClass: GreetingRoom as unknown as RoomClass, options: {} },
  });
  await server.place({ maximumPlayerSessionCount: PLAYERS });
  proxy = new CuttableProxy(server.port);
  await proxy.open();
});

afterAll(async () => {
  await proxy.close();
  await server.close();
});

beforeEach(() => {
  greeting.greets = true;
  greeting.received.length = 0;
  player++;
});

const clients = () => [...(greeting.room?.clients ?? [])];
const open: MatchConnection<State>[] = [];

async function leaveAll(): Promise<void> {
  await Promise.all(open.splice(0).map((connection) => connection.leave()));
  await until(() => {
    // Again and again: the server may hear of a cut, and keep the seat, long after its client has.
    for (const giveUp of greeting.seatsKept) giveUp();
    return server.life.seatsHeld === 0;
  });
}

async function joined(
  options: Partial<JoinOptions> & { url: string },
  id = `psess-${player}`,
): Promise<MatchConnection<State>> {
  const outcome = await joinMatch<State>(id, options);
  if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
  open.push(outcome.connection);
  return outcome.connection;
}

/** What a state shows at its tick; two clients who saw the same tick must have seen the same. */
class Recording {
  readonly seen = new Map<number, string>();
  /** Known a moment after the first states came. */
  connection: MatchConnection<State> | undefined;

  stateChanged(): void {
    if (this.connection === undefined) return;
    const { state } = this.connection;
    this.seen.set(state.tick, JSON.stringify(state));
  }
}

describe.each(["ws", "tcp"] as const)("a connection over %s", (scheme) => {
  const direct = () => `${scheme}://127.0.0.1:${server.port}`;
  const cuttable = () => `${scheme}://127.0.0.1:${proxy.port}`;

  test("[PK15] joins a Colyseus room, which sends no welcome, where none is awaited", async () => {
    greeting.greets = false;
    const connection = await joined({ url: direct(), awaitsWelcome: false });
    expect([connection.phase, connection.isWelcome]).toEqual(["playing", false]);
    expect(() => connection.welcome).toThrow("not welcome yet");
    expect(connection.state.tick).toBeGreaterThan(6);
    await leaveAll();
  });

  test("[CL1] is joined once it is welcome and the first state is here", async () => {
    const connection = await joined({ url: direct() });
    expect(connection.welcome).toMatchObject({ game: "test", seat: 3, tickRateHz: 30 });
    expect(connection.state.tick).toBeGreaterThan(6);
    expect(connection.phase).toBe("playing");
    expect(fleet.accepts.filter((id) => id === `psess-${player}`)).toHaveLength(1);
    await leaveAll();
    expect(fleet.removes.filter((id) => id === `psess-${player}`)).toHaveLength(1);
  });

  test("[CL1] sends commands as raw bytes while playing, and none after", async () => {
    const connection = await joined({ url: direct() });
    expect(connection.sendCommand(Uint8Array.of(1, 2, 3))).toBe(true);
    await until(() => greeting.received.length === 1);
    expect(greeting.received).toEqual([[1, 2, 3]]);
    await leaveAll();
    expect(connection.sendCommand(Uint8Array.of(4))).toBe(false);
  });

  test("[CL14] sees what a client over the other transport sees, patch by patch", async () => {
    const [one, two] = [new Recording(), new Recording()];
    one.connection = await joined({ url: direct(), listener: one });
    player++;
    const other = scheme === "ws" ? "tcp" : "ws";
    const url = `${other}://127.0.0.1:${server.port}`;
    two.connection = await joined({ url, listener: two });
    const both = () => [...one.seen.keys()].filter((tick) => two.seen.has(tick));
    await until(() => both().length > 30);
    expect(one.connection.state.ships.size).toBe(2);
    for (const tick of both()) expect(one.seen.get(tick)).toBe(two.seen.get(tick));
    await leaveAll();
  });

  test.each([
    ["an unknown player session", "psess-unknown"],
    ["one that no HELLO has room for", "p".repeat(257)],
    ["none", ""],
    ["one that is no text", "psess-\u00e9"],
  ])("[CL2] answers the join with %s with the server's code in words", async (_what, id) => {
    const outcome = await joinMatch(id, { url: direct() });
    expect(outcome).toMatchObject({
      state: "refused",
      refusal: { code: CloseCode.REFUSED, text: "This player session does not admit you." },
    });
  });

  test("[CL2] answers when nobody listens", async () => {
    const outcome = await joinMatch("psess-1", { url: `${scheme}://127.0.0.1:1` });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: UNREACHABLE } });
  });

  test("[CL1] gives up a join that is never welcome, and gives the seat back", async () => {
    greeting.greets = false;
    const outcome = await joinMatch(`psess-${player}`, { url: direct(), timeoutMs: 300 });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: UNREACHABLE } });
    await until(() => server.life.seatsHeld === 0 && clients().length === 0);
  });

  test("[CL1] gives up a join that the fleet does not answer, and takes no seat", async () => {
    const answer = Promise.withResolvers<{ outcome: "accepted" }>();
    fleet.answerAccept = () => answer.promise;
    const outcome = await joinMatch(`psess-${player}`, { url: direct(), timeoutMs: 300 });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: UNREACHABLE } });
    fleet.answerAccept = undefined;
    answer.resolve({ outcome: "accepted" });
    await until(() => fleet.removes.includes(`psess-${player}`) && server.life.seatsHeld === 0);
  });

  test("[CL1] measures the round trip", async () => {
    const connection = await joined({ url: direct() });
    expect(connection.pingMs).toBeUndefined();
    connection.measurePing();
    await until(() => connection.pingMs !== undefined);
    expect(connection.pingMs).toBeGreaterThanOrEqual(0);
    await leaveAll();
  });

  test("[CL8] comes back into its seat after a drop, young as it is, and says so once", async () => {
    const said: string[] = [];
    const connection = await joined({
      url: cuttable(),
      listener: {
        dropped: () => said.push("dropped"),
        reconnected: () => said.push("reconnected"),
        ended: () => said.push("ended"),
      },
    });
    const token = connection.reconnectionToken;
    const { state } = connection;
    const [sessionId] = [...state.ships.keys()];
    proxy.cut();
    await until(() => connection.phase === "reconnecting");
    expect(connection.sendCommand(Uint8Array.of(1))).toBe(false);
    await until(() => connection.phase === "playing");
    expect(said).toEqual(["dropped", "reconnected"]);
    const { tick } = state;
    await until(() => connection.state.tick > tick);
    expect(connection.state).toBe(state);
    expect([...state.ships.keys()]).toEqual([sessionId]);
    expect(connection.reconnectionToken).not.toBe(token);
    await leaveAll();
    expect(said).toEqual(["dropped", "reconnected", "ended"]);
  });

  test("[CL8] comes back after a close with 4010, and after no other code of ours", async () => {
    const ended = vi.fn();
    const connection = await joined({ url: direct(), listener: { ended } });
    clients()[0]?.leave(CloseCode.MAY_TRY_RECONNECT);
    await until(() => connection.phase === "reconnecting");
    await until(() => connection.phase === "playing");
    clients()[0]?.leave(CloseCode.TOO_SLOW);
    await until(() => connection.phase === "ended");
    expect(ended).toHaveBeenCalledOnce();
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: CloseCode.TOO_SLOW, mayRetry: true });
    await leaveAll();
  });

  test("[CL8] takes no seat once it has left, whatever the SDK had in mind", async () => {
    const connection = await joined({ url: cuttable() });
    proxy.cut();
    await until(() => connection.phase === "reconnecting");
    await connection.leave();
    const returns = server.telemetry.of("playerReconnected").length;
    // The first attempt of the SDK comes 200 ms after a drop.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.telemetry.of("playerReconnected")).toHaveLength(returns);
    expect(connection.phase).toBe("ended");
    await leaveAll();
  });

  test("[CL8] ends at a drop when it may not come back", async () => {
    const ended = vi.fn();
    await joined({ url: cuttable(), mayReconnect: false, listener: { ended } });
    proxy.cut();
    await until(() => ended.mock.calls.length > 0);
    expect(ended).toHaveBeenCalledOnce();
    await until(() => greeting.seatsKept.size === 1);
    await leaveAll();
  });

  test("[CL8] gives a token with which a refreshed page is back in the seat", async () => {
    // A page that was left does not come back for the seat itself.
    const first = await joined({ url: cuttable(), mayReconnect: false });
    const seated = clients()[0]?.sessionId;
    const token = first.reconnectionToken;
    proxy.cut();
    await until(() => first.phase === "ended");
    const second = await resumeMatch<State>(token, { url: direct() });
    if (second.state !== "joined") throw new Error(second.refusal.text);
    open.push(second.connection);
    expect(clients().map(({ sessionId }) => sessionId)).toEqual([seated]);
    const stale = await resumeMatch<State>(token, { url: direct() });
    expect(stale).toMatchObject({ state: "refused", refusal: { code: CloseCode.REFUSED } });
    await leaveAll();
  });

  test("[CL2] tells the earlier connection that a newer player session took the seat, once", async () => {
    const ended = vi.fn();
    await joined({ url: direct(), listener: { ended } });
    fleet.add(playerSession(900 + player, { playerId: `player-${player}` }));
    await joined({ url: direct() }, `psess-${900 + player}`);
    await until(() => ended.mock.calls.length > 0);
    expect(ended).toHaveBeenCalledOnce();
    expect(ended.mock.calls[0]?.[0]).toMatchObject({
      code: CloseCode.SEAT_TAKEN_OVER,
      text: "You joined from somewhere else.",
    });
    await leaveAll();
  });

  test("[CL15] reports a listener's own fault and plays on", async () => {
    const faults: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (fault) => faults.push(fault));
    try {
      const fault = new Error("of the page");
      const connection = await joined({
        url: direct(),
        listener: {
          stateChanged: () => {
            if (faults.length === 0) throw fault;
          },
        },
      });
      await until(() => faults.length > 0);
      const { tick } = connection.state;
      await until(() => connection.state.tick > tick + 2);
      expect(faults[0]).toBe(fault);
      expect(connection.phase).toBe("playing");
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
    await leaveAll();
  });

  test("[CL8] stops coming back to what ends each of its connections", async () => {
    const ended = vi.fn();
    const connection = await joined({ url: cuttable(), listener: { ended } });
    for (let drop = 1; drop <= 6; drop++) {
      await until(() => connection.phase === "playing");
      // A state comes after the server has heard that we are back; who drops before has lost his seat there.
      const { tick } = connection.state;
      await until(() => connection.state.tick > tick);
      proxy.cut();
      await until(() => connection.phase !== "playing");
    }
    await until(() => connection.phase === "ended");
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: UNREACHABLE });
    await leaveAll();
  });

  test("[CL8] tries to come back 8 times in some 20 s and then says so", async () => {
    const far = new CuttableProxy(server.port);
    await far.open();
    const ended = vi.fn();
    const url = `${scheme}://127.0.0.1:${far.port}`;
    const connection = await joined({ url, listener: { ended } });
    const pausesMs: number[] = [];
    const wait = globalThis.setTimeout;
    const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((
      late: () => void,
      ms: number,
    ) => {
      const isPause = new Error().stack?.includes("retryReconnection") === true;
      if (isPause) pausesMs.push(ms);
      return wait(late, isPause ? 0 : ms);
    }) as typeof setTimeout);
    await far.close();
    await until(() => connection.phase === "ended");
    spy.mockRestore();
    expect(pausesMs).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: FAILED_TO_RECONNECT, mayRetry: true });
    await leaveAll();
  });
});

test.each(["", "nonsense", "ftp://127.0.0.1:1", "tcp://127.0.0.1", "tcp://:7000", "tls:7000"])(
  "[CL14] says in words that %o is no address",
  async (url) => {
    const outcome = await joinMatch("psess-1", { url });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: BAD_ADDRESS } });
  },
);

test("[CL1] passes on over both transports that the server drains, and why it ends", async () => {
  const draining = vi.fn();
  const ended = vi.fn();
  for (const scheme of ["ws", "tcp"]) {
    player++;
    const url = `${scheme}://127.0.0.1:${server.port}`;
    await joined({ url, listener: { draining, ended } });
  }
  open.splice(0);
  server.life.drain("signal", 1_500);
  await until(() => draining.mock.calls.length === 2);
  expect(draining.mock.calls[0]?.[0].deadlineMs).toBeGreaterThan(0);
  await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(2), { timeout: 5_000 });
  const codes = ended.mock.calls.map(([refusal]) => refusal.code);
  expect(codes).toEqual([CloseCode.SERVER_DRAINED, CloseCode.SERVER_DRAINED]);
});
