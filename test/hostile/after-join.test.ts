import { describe, it } from "vitest";
import { attackAfterJoin } from "./after-join.ts";

describe("seated clients with hostile messages", () => {
  it("[HO2] are cut or ignored in the arena, and an honest player misses no frame", async () => {
    await attackAfterJoin({
      room: "arena",
      messages: 4_000,
      guests: 150,
      atOnce: 25,
      controlMs: 500,
    });
  }, 60_000);

  it("[HO2] are cut or ignored in a stock Colyseus room, and an honest player stays", async () => {
    await attackAfterJoin({ room: "chat", messages: 1_000, guests: 14, atOnce: 7, controlMs: 500 });
  }, 60_000);
});
