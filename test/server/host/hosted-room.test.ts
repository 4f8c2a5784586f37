import { type Client, ErrorCode, Protocol, Room, ServerError } from "@colyseus/core";
import { afterEach, describe, expect, it } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { closeWorlds, hosted, openWorld } from "./match-world.ts";

afterEach(() => closeWorlds());

const IDENTITY = { playerId: "player-1", playerData: "", team: "", attributes: {}, seat: 0 };

describe("an instance onAuth", () => {
  /** What the room then finds in `client.auth`, or how the join was refused. */
  async function authAfter(onAuth: (client: Client) => unknown) {
    const seen: unknown[] = [];
    class AskingRoom extends Room {
      override onAuth(client: Client) {
        return onAuth(client) as boolean;
      }
      override onJoin(client: Client) {
        seen.push(client.auth);
      }
    }
    const { join, told, room } = await openWorld(hosted(AskingRoom));
    const { outcome } = await join(1);
    expect(told).toEqual([]);
    expect(room.clients).toHaveLength(seen.length);
    return { outcome, auth: seen[0] };
  }

  it.each<[string, unknown]>([
    ["true", true],
    ["a text", "yes"],
    ["a number", 1],
    ["an empty object", {}],
    ["a promise of true", Promise.resolve(true)],
    ["another identity", { playerId: "admin", playerData: "root", team: "red", seat: 9 }],
  ])("[RM58] that answers with %s leaves the fleet's record as it is", async (_what, answer) => {
    expect(await authAfter(() => answer)).toEqual({
      outcome: { outcome: "seated" },
      auth: IDENTITY,
    });
  });

  it("[RM58] that answers with more adds it", async () => {
    const { auth } = await authAfter(async () => ({ rank: 3, seat: 7 }));
    expect(auth).toEqual({ ...IDENTITY, rank: 3 });
  });

  it.each<[string, unknown]>([
    ["false", false],
    ["nothing", undefined],
    ["null", null],
    ["0", 0],
    ["an empty text", ""],
    ["a promise of false", Promise.resolve(false)],
  ])("[RM58] that answers with %s refuses", async (_what, answer) => {
    const { outcome } = await authAfter(() => answer);
    expect(outcome).toMatchObject({ outcome: "refused", error: { code: ErrorCode.AUTH_FAILED } });
  });

  it.each<[string, unknown]>([
    ["an error", new Error("password is hunter2")],
    ["a text", "password is hunter2"],
    ["nothing", undefined],
  ])("[RM58] that throws %s refuses without telling the client what", async (_what, thrown) => {
    const { outcome } = await authAfter(() => {
      throw thrown;
    });
    expect(outcome).toEqual({
      outcome: "refused",
      error: { code: ErrorCode.AUTH_FAILED, message: "onAuth failed" },
    });
  });

  it("[RM58] that throws a ServerError refuses in its words", async () => {
    const { outcome } = await authAfter(() => {
      throw new ServerError(4321, "not today");
    });
    expect(outcome).toMatchObject({ error: { code: 4321, message: "not today" } });
  });
});

describe("a fault in a hook", () => {
  const FAULT = new Error("the game broke");
  const fail = (how: string): Promise<void> => {
    if (how === "throws") throw FAULT;
    return Promise.reject(FAULT);
  };

  it.each([["throws"], ["rejects"]])("[RM59] that %s is told by the hook's name", async (how) => {
    class FaultyRoom extends Room {
      override onDrop() {
        return fail(how);
      }
      override onLeave() {
        return fail(how);
      }
      override onDispose() {
        return fail(how);
      }
    }
    const { join, told, match } = await openWorld(hosted(FaultyRoom));
    const [one, two] = [(await join(1)).client, (await join(2)).client];
    one.drop(1006);
    await settle();
    expect(told).toEqual([
      "fault in onDrop: the game broke",
      "fault in onLeave: the game broke",
      "seat 0 gone",
    ]);
    told.length = 0;
    two.drop(4000);
    await match.close(4411);
    await settle();
    expect(told.toSorted()).toEqual([
      "disposed",
      "fault in onDispose: the game broke",
      "fault in onLeave: the game broke",
      "seat 1 gone",
    ]);
  });

  it("[RM59] is told from hooks that are fields, too, which still know their room", async () => {
    class FieldRoom extends Room {
      override onLeave = async (_client: Client) => {
        throw new Error(`in ${this.roomId}`);
      };
    }
    const { join, told } = await openWorld(hosted(FieldRoom));
    const { client } = await join(1);
    await join(2);
    client.drop(4000);
    await settle();
    expect(told).toEqual(["fault in onLeave: in match", "seat 0 gone"]);
  });
});

describe("a room's own decision", () => {
  it("[RM52] not to take somebody is passed on in its words, and is no fault", async () => {
    class Picky extends Room {
      override onJoin(client: Client) {
        if (client.auth.playerId === "player-2") throw new ServerError(4321, "not today");
      }
    }
    const { told, join, room } = await openWorld(hosted(Picky));
    await join(1);
    const error = { code: 4321, message: "not today" };
    expect((await join(2)).outcome).toEqual({ outcome: "refused", error });
    await settle();
    expect(told).toEqual([]);
    expect(room.clients).toHaveLength(1);
  });

  it("[RM53] to lock itself is told when it is full already, as most rooms do it", async () => {
    class StartsWhenFull extends Room {
      override maxClients = 2;
      override onJoin() {
        if (this.clients.length === this.maxClients) void this.lock();
      }
    }
    const { told, join, room } = await openWorld(hosted(StartsWhenFull));
    await join(1);
    expect(told).toEqual([]);
    const { client } = await join(2);
    expect(told).toEqual(["closed"]);
    client.drop(4000);
    await settle();
    await room.unlock();
    expect(told).toEqual(["closed", "seat 1 gone", "open"]);
  });

  it("[RM53] to lock itself is told once, however it is made", async () => {
    const { told, room } = await openWorld(hosted(Room));
    await room.setMatchmaking({ locked: true });
    await room.lock();
    expect(told).toEqual(["closed"]);
    await room.setMatchmaking({ locked: false });
    await room.unlock();
    expect(told).toEqual(["closed", "open"]);
  });

  it("[RM53] is not what locks a room that is full, nor what unlocks it then", async () => {
    class Small extends Room {
      override maxClients = 2;
    }
    const { told, join, room } = await openWorld(hosted(Small));
    const { client } = await join(1);
    await join(2);
    expect(room.locked).toBe(true);
    client.drop(4000);
    await settle();
    expect(room.locked).toBe(false);
    expect(told).toEqual(["seat 0 gone"]);
  });
});

describe("a handler of bytes", () => {
  it.each([
    ["a list", [0x92, 1, 2]],
    ["a text", [0xa2, 0x30, 0x31]],
    ["nil", [0xc0]],
    ["nothing", []],
  ])(
    "[RM18] is given bytes alone: %s of msgpack under its name closes its client",
    async (_what, payload) => {
      const given: unknown[] = [];
      class BytesRoom extends Room {
        override onCreate() {
          this.onMessageBytes("b", (_client: Client, bytes: Uint8Array) => given.push([...bytes]));
        }
      }
      const { join, told } = await openWorld(hosted(BytesRoom));
      const { client } = await join(1);
      client.sendTyped("b", [7, 8]);
      client.deliver(Protocol.ROOM_DATA, 0xa4, ...Buffer.from("_$bb"), ...payload);
      expect(given).toEqual([[7, 8]]);
      expect(client.closes).toEqual([4002]);
      expect(told).toEqual([]);
    },
  );
});
