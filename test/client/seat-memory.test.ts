import { describe, expect, test } from "vitest";
import { SeatMemory } from "../../client/page/seat-memory.ts";

const URL_A = "http://127.0.0.1:7000";

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
  test("[CL8] gives a kept token back once, to a tab of the same game and server", () => {
    const memory = new SeatMemory("arena", storage());
    memory.keep(URL_A, "match:abc");
    expect(memory.take(URL_A)).toBe("match:abc");
    expect(memory.take(URL_A)).toBeUndefined();
  });

  test("[CL8] gives nothing for another server or game", () => {
    const shared = storage();
    new SeatMemory("arena", shared).keep(URL_A, "match:abc");
    expect(new SeatMemory("duel", shared).take(URL_A)).toBeUndefined();
    expect(new SeatMemory("arena", shared).take("http://127.0.0.1:7001")).toBeUndefined();
  });

  test("[CL8] lives without storage, and with strange things in it", () => {
    const forbidden = new Proxy({} as Storage, {
      get: () => () => {
        throw new Error("forbidden");
      },
    });
    const memory = new SeatMemory("arena", forbidden);
    memory.keep(URL_A, "match:abc");
    expect(memory.take(URL_A)).toBeUndefined();
    const strange = storage();
    strange.setItem("fleetroom.seat.arena", "{");
    expect(new SeatMemory("arena", strange).take(URL_A)).toBeUndefined();
  });
});
