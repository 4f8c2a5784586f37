import { describe, it } from "vitest";
import { attackAfterJoin } from "./after-join.ts";

describe("seated clients with 200,000 hostile messages", () => {
  it("[HO2] are cut or ignored in the arena, and an honest player misses no frame", async () => {
    await attackAfterJoin({
      room: "arena",
      messages: 350_000,
      guests: 1_000,
      atOnce: 25,
      controlMs: 5_000,
    });
  });

  it("[HO2] are cut or ignored in a stock Colyseus room, and an honest player stays", async () => {
    await attackAfterJoin({
      room: "chat",
      messages: 10_000,
      guests: 50,
      atOnce: 10,
      controlMs: 5_000,
    });
  });
});
