import { Protocol, Room } from "@colyseus/core";
import { Decoder } from "@colyseus/schema";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COMMAND } from "../../../protocol/messages.ts";
import { encodeDuelCommand } from "../../../rooms/duel/commands.ts";
import { DuelReplica } from "../../../rooms/duel/replica.ts";
import { duel } from "../../../rooms/duel/simulation.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import type { Match } from "../../../server/host/match.ts";
import { settle } from "../../support/fake-clock.ts";
import { CONTEXT, closeWorlds, hosted, openWorld, ScriptedClient } from "./match-world.ts";

const TICK_MS = 1000 / duel.tickRateHz;
const intervals = vi.spyOn(globalThis, "setInterval");

beforeEach(() => {
  intervals.mockClear();
});
afterEach(() => closeWorlds());

/** Opens a duel whose game notes when it is called and what with. */
async function openDuel(over: Partial<Simulation> = {}, options = {}) {
  const calls: string[] = [];
  const simulation: Simulation = {
    ...SIMULATIONS["duel"]!,
    join(state, seat, team) {
      calls.push(`join ${seat}`);
      duel.join(state as never, seat, team);
    },
    leave(state, seat) {
      calls.push(`leave ${seat}`);
      duel.leave(state as never, seat);
    },
    advance(state, commands, step) {
      calls.push(`step ${step.tick} with ${commands.length}`);
      duel.advance(state as never, commands as never, step);
    },
    ...over,
  };
  const world = await openWorld({ kind: "simulation", simulation }, options);
  return { ...world, calls };
}

const move = (client: ScriptedClient, moveNumber: number, column: number) =>
  client.sendTyped(COMMAND, encodeDuelCommand({ moveNumber, column }));

/** The replica as a client has it after all it received. */
function seenBy(client: ScriptedClient): DuelReplica {
  const state = new DuelReplica();
  const decoder = new Decoder(state);
  for (const frame of client.received) {
    const isState = frame[0] === Protocol.ROOM_STATE || frame[0] === Protocol.ROOM_STATE_PATCH;
    if (isState) decoder.decode(frame as Buffer, { offset: 1 });
  }
  return state;
}

const patchesOf = (client: ScriptedClient) => client.ofKind(Protocol.ROOM_STATE_PATCH);

describe("the timers of a Simulation's room", () => {
  it("[TK20] are one, of the clock it was given; Colyseus arms none of its own", async () => {
    const world = await openDuel();
    expect(world.clock.pendingTimers).toBe(0);
    await world.join(1);
    await world.join(2);
    expect(world.clock.pendingTimers).toBe(1);
    world.clock.advance(100 * TICK_MS);
    expect(world.clock.pendingTimers).toBe(1);
    expect(intervals).not.toHaveBeenCalled();
    await world.match.close(4411);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[TK20] would be more if the patch rate alone were off: Colyseus then ticks its clock at 60 Hz", async () => {
    class Unpatched extends Room {
      override patchRate = null;
    }
    await openWorld(hosted(Unpatched));
    expect(intervals.mock.calls.map(([, ms]) => ms)).toEqual([1000 / 60]);
  });

  it("[TK20] begin with the first player, not with the room", async () => {
    const { clock, calls, join } = await openDuel();
    clock.advance(60_000);
    expect(calls).toEqual([]);
    await join(1);
    clock.advance(TICK_MS);
    expect(calls).toEqual(["join 0", "step 0 with 0"]);
  });

  it("[TK20] stay off when somebody's join is under way as the room ends", async () => {
    const { match, clock, join } = await openDuel();
    const late = join(1);
    await match.close(4411);
    await late;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a tick", () => {
  async function twoPlayers(over: Partial<Simulation> = {}) {
    const world = await openDuel(over);
    const [first, second] = [(await world.join(1)).client, (await world.join(2)).client];
    return { ...world, first, second };
  }

  it("[HE6] tells how its loop gets on, which a hosted room does not have", async () => {
    const { match, clock, join } = await openDuel();
    expect(match.tickProgress()).toEqual({ state: "idle", ranTicks: 0, droppedTicks: 0 });
    await join(1);
    clock.advance(5.5 * TICK_MS);
    expect(match.tickProgress()).toEqual({ state: "running", ranTicks: 5, droppedTicks: 0 });
    await closeWorlds();
    expect(match.tickProgress()?.state).toBe("stopped");
    expect((await openWorld(hosted(Room))).match.tickProgress()).toBeUndefined();
  });

  it("[TK21] takes the commands that came before it, advances and sends the patch, all in one callback", async () => {
    const { clock, first, second, calls } = await twoPlayers();
    const mover = seenBy(first).turnSeat === 0 ? first : second;
    calls.length = 0;
    move(mover, 0, 3);
    expect(calls).toEqual([]);
    // No promise and no other timer runs in here.
    clock.advance(TICK_MS);
    expect(calls).toEqual(["step 0 with 1"]);
    for (const client of [first, second]) {
      expect(patchesOf(client)).toHaveLength(1);
      expect(seenBy(client)).toMatchObject({ tick: 1, moveNumber: 1 });
    }
  });

  it("[TK21] sends one patch to each client, the first of them to a new one as a whole state", async () => {
    const { clock, first, join } = await twoPlayers();
    clock.advance(5 * TICK_MS);
    expect(patchesOf(first)).toHaveLength(5);
    const again = await join(1);
    expect(again.client.ofKind(Protocol.ROOM_STATE)).toHaveLength(1);
    expect(seenBy(again.client).tick).toBe(5);
    clock.advance(TICK_MS);
    expect(patchesOf(again.client)).toHaveLength(1);
    expect(seenBy(again.client).tick).toBe(6);
  });

  it("[TK21] after a stall is a step and a patch for each tick that is made up for", async () => {
    const { clock, first, calls } = await twoPlayers();
    const real = clock.nowMs.bind(clock);
    let stalledMs = 0;
    clock.nowMs = () => real() + stalledMs;
    calls.length = 0;
    stalledMs = 10 * TICK_MS;
    clock.advance(TICK_MS);
    expect(calls).toHaveLength(HOST_LIMITS.catchUpTicksMax);
    expect(patchesOf(first)).toHaveLength(HOST_LIMITS.catchUpTicksMax);
  });

  it("[TK21] moves the room's own clock, too", async () => {
    const { clock, room, calls } = await twoPlayers();
    room.clock.setTimeout(() => calls.push("due"), 0);
    expect(calls).not.toContain("due");
    clock.advance(TICK_MS);
    expect(calls.slice(-2)).toEqual(["due", "step 0 with 0"]);
  });

  it("[TK21] tells what was dropped and how late it was", async () => {
    const { clock, telemetry } = await twoPlayers();
    const real = clock.nowMs.bind(clock);
    clock.nowMs = () => real() + 10 * TICK_MS;
    clock.advance(TICK_MS);
    expect(telemetry.of("stepOverran")).toEqual([{ lateMs: 10 * TICK_MS, droppedTicks: 6 }]);
  });

  it("[TK22] that throws is the last one, and told once with what was thrown", async () => {
    const { clock, told, calls, first } = await twoPlayers({
      advance() {
        throw new Error("the game broke");
      },
    });
    clock.advance(100 * TICK_MS);
    expect(told).toEqual(["fault in tick: the game broke"]);
    expect(patchesOf(first)).toEqual([]);
    expect(calls).toEqual(["join 0", "join 1"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TK22] that throws once stays the last, whoever joins after it", async () => {
    let throws = true;
    const { clock, told, join, match } = await twoPlayers({
      advance(state, commands, step) {
        if (throws) throw new Error("the game broke");
        duel.advance(state as never, commands as never, step);
      },
    });
    clock.advance(TICK_MS);
    throws = false;
    await join(1);
    clock.advance(10 * TICK_MS);
    expect(match.summary().ticks).toBe(0);
    expect(told).toEqual(["fault in tick: the game broke"]);
  });

  it("[TK23] that ends the match is the last step; those who stay still get patches", async () => {
    const { clock, told, calls, first, second, match } = await twoPlayers();
    clock.advance(30_000);
    const { ticks, winners } = match.summary();
    expect(winners).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith("step"))).toHaveLength(ticks);
    second.drop(4000);
    await settle();
    clock.advance(1_000);
    expect([...seenBy(first).players.keys()]).toEqual(["0"]);
    expect(calls.at(-1)).toBe(`step ${ticks - 1} with 0`);
    expect(match.summary()).toMatchObject({ ticks, winners });
    expect(told).toEqual(["over", "seat 1 gone"]);
  });

  it("[TK23] after the end tells the game nothing more, also of a seat that is filled again", async () => {
    const { clock, second, calls, join } = await twoPlayers();
    clock.advance(30_000);
    second.drop(4000);
    await settle();
    const before = calls.length;
    const { outcome } = await join(3);
    clock.advance(1_000);
    expect(outcome.outcome).toBe("seated");
    expect(calls).toHaveLength(before);
  });
});

describe("what a client sends", () => {
  async function onePlayer() {
    const decoded: number[][] = [];
    const world = await openDuel({
      decode(bytes) {
        decoded.push([...bytes]);
        return duel.decode(bytes);
      },
    });
    const { client } = await world.join(1);
    const reasons = () => world.telemetry.of("commandDropped").map(({ reason }) => reason);
    return { ...world, client, decoded, reasons };
  }

  it("[TK24] too long is dropped, counted, and not even decoded", async () => {
    const { clock, client, calls, decoded, reasons } = await onePlayer();
    client.sendTyped(COMMAND, [0, 0, 0]);
    client.sendTyped(COMMAND, new Uint8Array(4_000));
    clock.advance(TICK_MS);
    expect(reasons()).toEqual(["too_long", "too_long"]);
    expect(decoded).toEqual([]);
    expect(calls).toEqual(["join 0", "step 0 with 0"]);
  });

  it("[TK24] malformed is dropped and counted", async () => {
    const { clock, client, calls, reasons } = await onePlayer();
    for (const bytes of [[], [0], [0, 7], [42, 0], [255, 255]]) client.sendTyped(COMMAND, bytes);
    clock.advance(TICK_MS);
    expect(reasons()).toEqual(new Array(5).fill("malformed"));
    expect(calls).toEqual(["join 0", "step 0 with 0"]);
  });

  it("[TK24] above the queue's bound makes the oldest give way, counted", async () => {
    const { clock, client, calls, reasons } = await onePlayer();
    for (let index = 0; index < HOST_LIMITS.commandsQueuedMax + 3; index++) move(client, index, 0);
    expect(reasons()).toEqual(new Array(3).fill("queue_full"));
    clock.advance(TICK_MS);
    expect(calls).toEqual(["join 0", "step 0 with 1"]);
  });

  it("[TK15] for each step and was held back is dropped, counted, and the newest of it is used", async () => {
    const { clock, client, calls, reasons } = await onePlayer();
    for (let step = 0; step < HOST_LIMITS.commandLateWindowSteps; step++) {
      move(client, step % 40, 0);
      clock.advance(TICK_MS);
    }
    clock.advance(6 * TICK_MS);
    expect(reasons()).toEqual([]);
    for (let index = 0; index < 7; index++) move(client, index, 0);
    clock.advance(TICK_MS);
    expect(reasons()).toEqual(new Array(6).fill("late"));
    const steps = HOST_LIMITS.commandLateWindowSteps + 6;
    expect(calls.slice(-2)).toEqual([`step ${steps - 1} with 0`, `step ${steps} with 1`]);
  });

  it("[TK24] before its seat was taken over does not reach the game", async () => {
    const { clock, client, calls, join } = await onePlayer();
    move(client, 0, 0);
    const again = await join(1);
    expect(client.closes).toEqual([4410]);
    move(client, 1, 0);
    clock.advance(TICK_MS);
    expect(calls).toEqual(["join 0", "step 0 with 0"]);
    move(again.client, 0, 0);
    clock.advance(TICK_MS);
    expect(calls.at(-1)).toBe("step 1 with 1");
  });

  it("[TK25] is kept as it was when its step comes, whatever becomes of the buffer it came in", async () => {
    const seen: unknown[] = [];
    const { clock, join } = await openDuel({
      advance: (_state, commands) => seen.push(...commands.map((command) => ({ ...command }))),
    });
    const { client } = await join(1);
    const message = Buffer.from([Protocol.ROOM_DATA_BYTES, 0xa1, COMMAND.charCodeAt(0), 5, 6]);
    client.ref.emit("message", message);
    message.fill(0);
    clock.advance(TICK_MS);
    expect(seen).toEqual([
      { seat: 0, command: { moveNumber: 5, column: 6 }, bytes: Uint8Array.of(5, 6) },
    ]);
  });
});

describe("seats", () => {
  const comeBack = async (world: { match: Match }, client: ScriptedClient) => {
    const back = new ScriptedClient(client.sessionId);
    await world.match.reconnect(back, client.reconnectionToken, false, CONTEXT);
    back.acknowledge();
    return back;
  };

  it("[TK26] are joined once and left once, however their player comes and goes", async () => {
    const world = await openDuel();
    const { calls, join, told } = world;
    const { client } = await join(1);
    client.drop();
    await comeBack(world, client);
    const again = await join(1);
    again.client.drop(4000);
    await settle();
    expect(world.seats.heldCount).toBe(0);
    expect(calls).toEqual(["join 0", "leave 0"]);
    expect(told).toEqual(["seat 0 gone"]);
    await join(2);
    expect(calls).toEqual(["join 0", "leave 0", "join 0"]);
  });

  it("[TK26] are joined by the connection that comes, where one before it never did", async () => {
    const { calls, join, seats } = await openDuel();
    const never = { sessionId: "never-came", playerId: "player-1", playerSessionId: "psess-0" };
    seats.occupy(never);
    await join(1);
    expect(calls).toEqual(["join 0"]);
  });

  it("[TK24] that wait have no commands left when their player is back", async () => {
    const world = await openDuel();
    const { client } = await world.join(1);
    move(client, 0, 0);
    client.drop();
    const back = await comeBack(world, client);
    world.clock.advance(TICK_MS);
    expect(world.calls.at(-1)).toBe("step 0 with 0");
    move(back, 0, 0);
    world.clock.advance(TICK_MS);
    expect(world.calls.at(-1)).toBe("step 1 with 1");
  });
});
