import { describe, expect, test } from "vitest";
import { SeatMemory } from "../../client/page/seat-memory.ts";

const SEAT = { url: "ws://127.0.0.1:7000", token: "match:abc", playerToken: "player-1.xyz" };

/** What `sessionStorage` does, in memory. */
function storage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage;
}

describe("seat memory", () => {
  test("[CL8] gives what was kept back once, to a tab of the same game", () => {
    const memory = new SeatMemory("arena", storage());
    memory.keep(SEAT);
    expect(memory.take()).toEqual(SEAT);
    expect(memory.take()).toBeUndefined();
  });

  test("[CL8] gives nothing to another game", () => {
    const shared = storage();
    new SeatMemory("arena", shared).keep(SEAT);
    expect(new SeatMemory("duel", shared).take()).toBeUndefined();
    expect(new SeatMemory("arena", shared).take()).toEqual(SEAT);
  });

  test("[CL8] lives without storage, and with strange things in it", () => {
    const forbidden = new Proxy({} as Storage, {
      get: () => () => {
        throw new Error("forbidden");
      },
    });
    const memory = new SeatMemory("arena", forbidden);
    memory.keep(SEAT);
    expect(memory.take()).toBeUndefined();
    for (const text of ["{", "null", "1", "{}", '{"url":"ws://x","token":1,"playerToken":""}']) {
      const strange = storage();
      strange.setItem("fleetroom.seat.arena", text);
      expect(new SeatMemory("arena", strange).take()).toBeUndefined();
    }
  });
});
