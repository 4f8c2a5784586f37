import { type Client, Protocol, Room } from "@colyseus/core";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { duel } from "../../../rooms/duel/simulation.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { CONTEXT, closeWorlds, hosted, openWorld, ScriptedClient } from "./match-world.ts";

/** Hooks that hang until their test lets them go. */
const gates = new Map<string, PromiseWithResolvers<unknown>>();
function hang(hook: string): Promise<unknown> {
  const gate = gates.get(hook) ?? Promise.withResolvers<unknown>();
  gates.set(hook, gate);
  return gate.promise;
}

afterEach(async () => {
  for (const { resolve } of gates.values()) resolve(true);
  gates.clear();
  await settle();
  await closeWorlds();
  vi.useRealTimers();
});

const REFUSED = { outcome: "refused", error: undefined };
const SEATED = { outcome: "seated" };

/** Hangs in the given hooks for player 2, and for nobody else. */
function roomThatHangs(...hooks: readonly string[]) {
  const hangs = (client: Client, hook: string) =>
    client.auth?.playerId === "player-2" && hooks.includes(hook) ? hang(hook) : true;
  return class extends Room {
    override maxClients = 2;
    override async onAuth(client: Client) {
      return (await hangs(client, "onAuth")) as boolean;
    }
    override async onJoin(client: Client) {
      await hangs(client, "onJoin");
    }
    override async onDrop(client: Client) {
      await this.allowReconnection(client, 60);
    }
    override async onReconnect(client: Client) {
      await hangs(client, "onReconnect");
    }
    override async onLeave(client: Client) {
      await hangs(client, "onLeave");
    }
  };
}

describe("a join whose hook never settles", () => {
  it.each([
    ["onAuth", []],
    ["onJoin", []],
    ["onJoin", ["onLeave"]],
  ])(
    "[RM50] is refused after ten seconds and leaves nothing behind (%s, %j)",
    async (hook, more) => {
      const world = await openWorld(hosted(roomThatHangs(hook, ...more)));
      const { clock, room, told, gone, join } = world;
      await join(1);
      const client = new ScriptedClient("hanging");
      const joining = join(2, client);
      await clock.advanceAsync(HOST_LIMITS.joinTimeoutMs - 1);
      expect(client.closes).toEqual([]);
      expect((await join(3)).outcome).toEqual(REFUSED);
      await clock.advanceAsync(1);
      expect((await joining).outcome).toEqual(REFUSED);
      expect(client.closes).toEqual([4403]);
      expect((await join(4)).outcome).toEqual(SEATED);
      expect(room.clients).toHaveLength(2);
      expect([told, gone]).toEqual([[], []]);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it.each([["onAuth"], ["onJoin"]])("[RM50] is not joined late either (%s)", async (hook) => {
    const { clock, room, told, join } = await openWorld(hosted(roomThatHangs(hook)));
    await join(1);
    const client = new ScriptedClient("hanging");
    const joining = join(2, client);
    await clock.advanceAsync(HOST_LIMITS.joinTimeoutMs);
    await joining;
    gates.get(hook)?.resolve(true);
    await settle();
    expect(room.clients.map(({ sessionId }) => sessionId)).not.toContain("hanging");
    expect(client.ofKind(Protocol.JOIN_ROOM)).toEqual([]);
    expect((await join(4)).outcome).toEqual(SEATED);
    expect(told).toEqual([]);
  });

  it("[RM50] ends a player's return, and then the seat is gone", async () => {
    const { clock, match, told, join } = await openWorld(hosted(roomThatHangs("onReconnect")));
    await join(1);
    const { client } = await join(2);
    client.drop();
    const back = new ScriptedClient(client.sessionId);
    const returning = match.reconnect(back, client.reconnectionToken, false, CONTEXT);
    await clock.advanceAsync(HOST_LIMITS.joinTimeoutMs);
    expect(await returning).toEqual(REFUSED);
    expect(back.closes).toEqual([4403]);
    await settle();
    expect(told).toEqual(["seat 1 gone"]);
  });

  it("[RM51] does not keep a room that everybody has left meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { clock, told, join } = await openWorld(hosted(roomThatHangs("onAuth")));
    const { client } = await join(1);
    await vi.advanceTimersByTimeAsync(5_000);
    const joining = join(2);
    client.drop(4000);
    await clock.advanceAsync(HOST_LIMITS.joinTimeoutMs);
    await joining;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual(["seat 0 gone", "disposed"]);
  });

  it("[RM51] keeps a room whose last player is still leaving, or may come back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const Hosted = roomThatHangs("onAuth");
    class SlowToLeave extends Hosted {
      override async onLeave() {
        await hang("onLeave of player 1");
      }
    }
    for (const closeCode of [4000, 1006]) {
      const { clock, told, join } = await openWorld(hosted(SlowToLeave));
      const { client } = await join(1);
      const joining = join(2);
      client.drop(closeCode);
      await clock.advanceAsync(HOST_LIMITS.joinTimeoutMs);
      await joining;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(told).toEqual([]);
      for (const { resolve } of gates.values()) resolve(true);
      gates.clear();
      await closeWorlds();
    }
  });
});

describe("a room that would be empty for a moment", () => {
  const isDisposed = async (told: string[]) => {
    await vi.advanceTimersByTimeAsync(5_000);
    return told.includes("disposed");
  };

  it("[RM51] stays when its only player takes his own seat over, however small it is", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    class ForOne extends Room {
      override maxClients = 1;
    }
    const { join, told, room } = await openWorld(hosted(ForOne));
    await join(1);
    expect(await isDisposed(told)).toBe(false);
    for (let times = 0; times < 3; times++) expect((await join(1)).outcome).toEqual(SEATED);
    expect(await isDisposed(told)).toBe(false);
    expect(room.clients).toHaveLength(1);
    expect(room.hasReachedMaxClients()).toBe(true);
  });

  it("[RM51] goes when that player turns out to be gone", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { join, told } = await openWorld(hosted(Room));
    await join(1);
    expect(await isDisposed(told)).toBe(false);
    const gone = new ScriptedClient("gone");
    const joining = join(1, gone);
    gone.drop();
    expect((await joining).outcome).toEqual(REFUSED);
    expect(await isDisposed(told)).toBe(true);
  });

  it("[RM51] stays if its own code has turned autoDispose off, and goes if it has not", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (const stays of [true, false]) {
      const { join, told, room } = await openWorld(hosted(Room));
      const one = (await join(1)).client;
      if (stays) room.autoDispose = false;
      const two = (await join(2)).client;
      one.drop(4000);
      two.drop(4000);
      expect(await isDisposed(told)).toBe(!stays);
      await closeWorlds();
    }
  });
});

describe("a returning player", () => {
  it("[RM54] needs the token of the very seat he asks for", async () => {
    const { match, join, told } = await openWorld(hosted(Room));
    const [one, other] = [(await join(1)).client, (await join(2)).client];
    for (const [sessionId, token] of [
      [one.sessionId, other.reconnectionToken],
      ["made-up", one.reconnectionToken],
      [one.sessionId, ""],
    ] as const) {
      const back = new ScriptedClient(sessionId);
      expect(await match.reconnect(back, token, false, CONTEXT)).toEqual(REFUSED);
      expect(back.received).toEqual([]);
    }
    expect([one.closes, other.closes, told]).toEqual([[], [], []]);
  });

  it("[RM54] has a token that is none of JavaScript's own words, or of anything", async () => {
    const { match, join } = await openWorld(hosted(roomThatHangs()));
    const { client } = await join(1);
    client.drop();
    const own = ["constructor", "__proto__", "toString", "hasOwnProperty"];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...own), fc.string()), (token) => {
        expect(match.sessionIdOf(token)).toBeUndefined();
      }),
    );
    expect(match.sessionIdOf(client.reconnectionToken)).toBe(client.sessionId);
  });

  it("[RM54] opens no seat with a token once that was taken over", async () => {
    const { match, join, seats } = await openWorld(hosted(roomThatHangs()));
    const [one, two] = [(await join(1)).client, (await join(2)).client];
    expect(match.sessionIdOf(one.reconnectionToken)).toBe(one.sessionId);
    await join(1);
    expect(match.sessionIdOf(one.reconnectionToken)).toBeUndefined();
    // Accepted, and not joined yet.
    seats.occupy({ sessionId: "newer", playerId: "player-2", playerSessionId: "psess-9" });
    expect(match.sessionIdOf(two.reconnectionToken)).toBeUndefined();
  });
});

describe("a client that has gone", () => {
  it("[RM55] before its turn came is not joined, and its seat in the game is free", async () => {
    const { join, match, room } = await openWorld({
      kind: "simulation",
      simulation: SIMULATIONS["duel"]!,
    });
    await join(1);
    const gone = new ScriptedClient("gone");
    gone.drop();
    expect((await join(2, gone)).outcome).toEqual(REFUSED);
    expect(room.clients).toHaveLength(1);
    expect(match.summary().scores).toEqual([{ seat: 0, score: 0 }]);
  });

  it("[RM55] as it took its own seat over leaves no seat behind", async () => {
    const { join, match, clock } = await openWorld({
      kind: "simulation",
      simulation: SIMULATIONS["duel"]!,
    });
    await join(1);
    const gone = new ScriptedClient("gone");
    gone.drop();
    expect((await join(1, gone)).outcome).toEqual(REFUSED);
    clock.advance(1000 / duel.tickRateHz);
    expect(match.summary().scores).toEqual([]);
  });
});

describe("a room that takes its time", () => {
  it("[RM57] to be made is not disposed of meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    class LoadsALargeMap extends Room {
      override async onCreate() {
        await hang("onCreate");
      }
      override onDispose() {
        disposals++;
      }
    }
    let disposals = 0;
    const opening = openWorld(hosted(LoadsALargeMap));
    await vi.advanceTimersByTimeAsync(59_000);
    gates.get("onCreate")?.resolve(undefined);
    const { join, told } = await opening;
    expect((await join(1)).outcome).toEqual(SEATED);
    expect([disposals, told]).toEqual([0, []]);
  });

  it("[RM57] to close tells the next match nothing", async () => {
    class SlowToLeave extends Room {
      override async onLeave() {
        await hang("onLeave");
      }
    }
    const old = await openWorld(hosted(SlowToLeave));
    await old.join(1);
    const closing = old.match.close(4412);
    await settle();
    const next = await openWorld(hosted(Room));
    await next.join(1);
    gates.get("onLeave")?.resolve(undefined);
    await closing;
    expect([old.told, next.told, old.gone, next.gone]).toEqual([[], [], [], []]);
    expect(next.room.clients).toHaveLength(1);
  });

  it("[RM57] is closed at once when it has just been joined", async () => {
    // No timer of Colyseus's fires here.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { match, join, told } = await openWorld(hosted(Room));
    await join(1);
    await match.close(4411);
    expect(told).toEqual(["disposed", "seat 0 gone"]);
  });

  it("[RM57] is closed also while somebody takes a seat over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { match, join, told } = await openWorld(hosted(roomThatHangs()));
    await join(1);
    await join(2);
    const joining = join(1);
    const closing = match.close(4411);
    expect((await joining).outcome).toEqual(REFUSED);
    await vi.advanceTimersByTimeAsync(10);
    await closing;
    expect(told).toContain("disposed");
  });

  it("[RM57] is closed at once also when a player did not come back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { match, join, told } = await openWorld(hosted(roomThatHangs()));
    const { client } = await join(1);
    await join(2);
    client.drop(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(["seat 0 gone"]);
    await match.close(4411);
    expect(told).toEqual(["seat 0 gone", "disposed", "seat 1 gone"]);
  });

  it.each([
    ["room", hosted(roomThatHangs())],
    ["simulation", { kind: "simulation", simulation: SIMULATIONS["duel"]! }],
  ] as const)("[RM57] is closed at once also while a player is away (%s)", async (_what, game) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { match, join, told } = await openWorld(game);
    const { client } = await join(1);
    await join(2);
    client.drop(1006);
    const closing = match.close(4411);
    await vi.advanceTimersByTimeAsync(10);
    await closing;
    expect(told.toSorted()).toEqual(["disposed", "seat 0 gone", "seat 1 gone"]);
  });
});

describe("a match", () => {
  it("[RM56] of a hosted room reports no ticks, hash, scores or winners, and its room's own limit", async () => {
    class Small extends Room {
      override maxClients = 3;
    }
    const { match } = await openWorld(hosted(Small));
    expect(match.summary()).toEqual({ ticks: 0, stateHash: "", scores: [], winners: [] });
    expect(match.seatsMax()).toBe(3);
    expect(match.endsWhenEmpty).toBe(false);
  });

  it("[RM56] is closed with one code for everybody, and closing it again does nothing", async () => {
    const { match, join, told } = await openWorld(hosted(Room));
    const clients = [(await join(1)).client, (await join(2)).client];
    await match.close(4413);
    await match.close(4411);
    expect(clients.map(({ closes }) => closes)).toEqual([[4413], [4413]]);
    expect(told.toSorted()).toEqual(["disposed", "seat 0 gone", "seat 1 gone"]);
  });
});
