import { type Client, Protocol, Room, ServerError } from "@colyseus/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SIMULATIONS } from "../../../rooms/index.ts";
import { internalsOf } from "../../../server/host/colyseus-internals.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import {
  CONTEXT,
  closeWorlds,
  hosted,
  type MatchWorld,
  openWorld,
  ScriptedClient,
} from "./match-world.ts";

afterEach(async () => {
  vi.useRealTimers();
  await closeWorlds();
});

const REFUSED = { outcome: "refused", error: undefined };
const SEATED = { outcome: "seated" };

/** A client whose acknowledgement is lost, unless the test sends it. */
class UnheardClient extends ScriptedClient {
  override acknowledge(): void {}

  hear(): void {
    super.acknowledge();
  }

  /** Messages of the room, by type and content; each a word of MessagePack. */
  get said(): string[] {
    return this.ofKind(Protocol.ROOM_DATA).map((bytes) =>
      Buffer.from(bytes.subarray(1))
        .toString("latin1")
        .replace(/[^a-z0-9]/g, ""),
    );
  }
}

/** Waits for whoever is lost, and notes which hooks ran. */
function waitingRoom(options: { hook?: "onDrop" | "onLeave"; seconds?: number } = {}) {
  const { hook = "onDrop", seconds = 20 } = options;
  const noted: string[] = [];
  const reconnecting = { gate: Promise.resolve() };
  class WaitingRoom extends Room {
    override onJoin(client: Client) {
      noted.push("join");
      client.send("h", "init");
    }
    override async onReconnect(client: Client) {
      noted.push("reconnect");
      client.send("r", "back");
      await reconnecting.gate;
    }
    override async onLeave(client: Client, code?: number) {
      noted.push(`leave ${code}`);
      if (hook === "onLeave") await this.allowReconnection(client, seconds);
    }
  }
  if (hook === "onDrop") {
    Object.assign(WaitingRoom.prototype, {
      async onDrop(this: Room, client: Client, code?: number) {
        noted.push(`drop ${code}`);
        await this.allowReconnection(client, seconds);
      },
    });
  }
  return { noted, reconnecting, game: hosted(WaitingRoom) };
}

const duelGame = { kind: "simulation" as const, simulation: SIMULATIONS["duel"]! };

async function returned(world: MatchWorld, sessionId: string, token: string) {
  const client = new UnheardClient(sessionId);
  const outcome = await world.match.reconnect(client, token, false, CONTEXT);
  return { client, outcome, token: client.reconnectionToken };
}

/** What a room remembers of connections that are gone. */
function remembered({ room }: MatchWorld): [number, number] {
  const { _reconnections, _reservedSeats } = internalsOf(room);
  return [Object.keys(_reconnections).length, Object.keys(_reservedSeats).length];
}

const games = [
  ["a Simulation", () => duelGame],
  ["a room that waits in onDrop", () => waitingRoom().game],
  ["a room that waits in onLeave", () => waitingRoom({ hook: "onLeave" }).game],
] as const;

describe.each(games)("a player of %s whose acknowledgement is lost", (_what, game) => {
  it("[SE8] at his join keeps his seat and comes back with the token of the JOIN_ROOM", async () => {
    const world = await openWorld(game());
    const client = new UnheardClient("one");
    expect((await world.join(1, client)).outcome).toEqual(SEATED);
    client.drop(1006);
    await settle();
    expect([world.told, world.match.sessionIdOf(client.reconnectionToken)]).toEqual([[], "one"]);
    const back = await returned(world, "one", client.reconnectionToken);
    expect(back.outcome).toEqual(SEATED);
    back.client.hear();
    expect(world.room.clients).toHaveLength(1);
    expect([world.told, remembered(world)]).toEqual([[], [0, 0]]);
  });

  it("[SE8] at his return comes back with the token he had, or the new one, until one is acknowledged", async () => {
    const world = await openWorld(game());
    const { client } = await world.join(1, new ScriptedClient("one"));
    const first = client.reconnectionToken;
    client.drop(1006);
    let last = await returned(world, "one", first);
    // The same again, by the token of either end; JOIN_ROOM arrives every other time.
    for (const hasArrived of [false, false, true, false, true, true]) {
      const known = hasArrived ? last.token : first;
      last.client.drop(1006);
      await settle();
      expect(world.match.sessionIdOf(known)).toBe("one");
      last = await returned(world, "one", known);
      expect(last.outcome).toEqual(SEATED);
      if (hasArrived) break;
    }
    last.client.hear();
    expect(world.match.sessionIdOf(first)).toBeUndefined();
    expect(world.match.sessionIdOf(last.token)).toBe("one");
    expect((await returned(world, "one", first)).outcome).toEqual(REFUSED);
    expect([world.told, remembered(world)]).toEqual([[], [0, 0]]);
    expect(world.room.clients).toHaveLength(1);
  });

  it("[SE8] replaces his lost connection also while it still looks open", async () => {
    const world = await openWorld(game());
    const { client } = await world.join(1, new ScriptedClient("one"));
    const token = client.reconnectionToken;
    client.drop(1006);
    const lost = await returned(world, "one", token);
    const back = await returned(world, "one", token);
    expect([back.outcome, lost.client.closes]).toEqual([SEATED, [4010]]);
    back.client.hear();
    expect(world.room.clients).toHaveLength(1);
    expect([world.told, remembered(world)]).toEqual([[], [0, 0]]);
  });

  it("[SE8] gives his seat up when the server ends him, or he leaves", async () => {
    for (const code of [4000, 4400, 4415]) {
      const world = await openWorld(game());
      const client = new UnheardClient("one");
      await world.join(1, client);
      client.end(code);
      await settle();
      expect([world.told, remembered(world)]).toEqual([["seat 0 gone"], [0, 0]]);
      await closeWorlds();
    }
  });

  it("[SE8] leaves one token and one place behind, however often he is lost", async () => {
    const world = await openWorld(game());
    let last = new UnheardClient("one");
    await world.join(1, last);
    const tokens: string[] = [];
    for (let times = 0; times < 50; times++) {
      const token = last.reconnectionToken;
      tokens.push(token);
      last.drop(1006);
      await settle();
      expect(remembered(world)).toEqual([1, 1]);
      last = (await returned(world, "one", token)).client;
    }
    last.drop(1006);
    await settle();
    const good = tokens.filter((token) => world.match.sessionIdOf(token) !== undefined);
    expect([good, remembered(world)]).toEqual([tokens.slice(-1), [1, 1]]);
  });

  it("[SE8] opens no seat any more once it was taken over", async () => {
    const world = await openWorld(game());
    const { client } = await world.join(1, new ScriptedClient("one"));
    const token = client.reconnectionToken;
    client.drop(1006);
    const lost = await returned(world, "one", token);
    lost.client.drop(1006);
    await settle();
    expect((await world.join(1)).outcome).toEqual(SEATED);
    expect([token, lost.token].map((known) => world.match.sessionIdOf(known))).toEqual([
      undefined,
      undefined,
    ]);
    expect((await returned(world, "one", token)).outcome).toEqual(REFUSED);
  });
});

describe("a player who was lost before he acknowledged", () => {
  it("[SE8] is waited for no longer than others", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = await openWorld(duelGame);
    const client = new UnheardClient("one");
    await world.join(1, client);
    client.drop(1006);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(world.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect([world.told, remembered(world)]).toEqual([["seat 0 gone"], [0, 0]]);
    expect(world.match.sessionIdOf(client.reconnectionToken)).toBeUndefined();
  });

  it("[SE8] is not waited for where nobody is", async () => {
    const world = await openWorld(duelGame, { reconnectSeconds: 0 });
    const client = new UnheardClient("one");
    await world.join(1, client);
    client.drop(1006);
    await settle();
    expect([world.told, remembered(world)]).toEqual([["seat 0 gone"], [0, 0]]);
  });

  it("[SE8] while onJoin runs has no seat, also where the room would wait for him", async () => {
    const gate = Promise.withResolvers<void>();
    class SlowRoom extends Room {
      override async onJoin() {
        await gate.promise;
      }
      override async onDrop(client: Client) {
        await this.allowReconnection(client, 20);
      }
    }
    const world = await openWorld(hosted(SlowRoom));
    const client = new UnheardClient("one");
    const joining = world.join(1, client);
    await settle();
    client.drop(1006);
    gate.resolve();
    expect((await joining).outcome).toMatchObject({ outcome: "refused" });
    expect([world.told, remembered(world)]).toEqual([[], [0, 0]]);
  });

  it("[RM16] hears at his return what onJoin said, the first 64 messages, once", async () => {
    const { noted, game } = waitingRoom();
    const world = await openWorld(game);
    const client = new UnheardClient("one");
    await world.join(1, client);
    for (let count = 0; count < 100; count++) world.room.broadcast("b", `word${count}`);
    client.drop(1006);
    await settle();
    const lost = await returned(world, "one", client.reconnectionToken);
    lost.client.drop(1006);
    await settle();
    const back = await returned(world, "one", lost.token);
    expect(back.client.said).toEqual([]);
    back.client.hear();
    const { said } = back.client;
    expect(said).toHaveLength(HOST_LIMITS.unheardMessagesMax + 1);
    expect([said[0], said[1], said.at(-1)]).toEqual(["hinit", "bword0", "rback"]);
    expect(noted).toEqual(["join", "drop 1006", "reconnect", "drop 1006", "reconnect"]);
  });

  it("[RM17] while onReconnect runs keeps his seat and the token he had, and ends nothing", async () => {
    const { noted, reconnecting, game } = waitingRoom();
    const world = await openWorld(game);
    const { client } = await world.join(1, new ScriptedClient("one"));
    const token = client.reconnectionToken;
    client.drop(1006);
    const gate = Promise.withResolvers<void>();
    reconnecting.gate = gate.promise;
    const gone = new UnheardClient("one");
    const returning = world.match.reconnect(gone, token, false, CONTEXT);
    await settle();
    gone.drop(1006);
    gate.resolve();
    expect(await returning).toEqual(REFUSED);
    await settle();
    expect([world.told, world.match.sessionIdOf(token)]).toEqual([[], "one"]);
    const back = await returned(world, "one", token);
    back.client.hear();
    expect([back.outcome, world.told, remembered(world)]).toEqual([SEATED, [], [0, 0]]);
    expect(noted).toEqual(["join", "drop 1006", "reconnect", "drop 1006", "reconnect"]);
  });

  it("[RM17] while onReconnect runs is replaced by the same player, whose old token is good", async () => {
    const { reconnecting, game } = waitingRoom();
    const world = await openWorld(game);
    const { client } = await world.join(1, new ScriptedClient("one"));
    const token = client.reconnectionToken;
    client.drop(1006);
    const gate = Promise.withResolvers<void>();
    reconnecting.gate = gate.promise;
    const stuck = new UnheardClient("one");
    const returning = world.match.reconnect(stuck, token, false, CONTEXT);
    await settle();
    const again = returned(world, "one", token);
    await settle();
    gate.resolve();
    const back = await again;
    expect([await returning, back.outcome, stuck.closes]).toEqual([REFUSED, SEATED, [4010]]);
    back.client.hear();
    expect([world.told, remembered(world)]).toEqual([[], [0, 0]]);
  });

  it("[RM17] but a return that the room denies, or the server ends, gives the seat up", async () => {
    for (const code of [undefined, 4400]) {
      const { reconnecting, game } = waitingRoom();
      const world = await openWorld(game);
      const { client } = await world.join(1, new ScriptedClient("one"));
      client.drop(1006);
      const gate = Promise.withResolvers<void>();
      reconnecting.gate = gate.promise;
      const denied = new UnheardClient("one");
      const { reconnectionToken } = client;
      const returning = world.match.reconnect(denied, reconnectionToken, false, CONTEXT);
      await settle();
      if (code === undefined) gate.reject(new ServerError(4999, "no"));
      else denied.end(code);
      gate.resolve();
      expect(await returning).toMatchObject({ outcome: "refused" });
      await settle();
      expect(world.told).toEqual(["disposed", "seat 0 gone"]);
      expect(world.match.sessionIdOf(reconnectionToken)).toBeUndefined();
      await closeWorlds();
    }
  });
});
