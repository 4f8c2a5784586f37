import { describe, it } from "vitest";
import { shakeHands } from "./handshakes.ts";

describe("600 TLS handshakes a second", () => {
  it("[HO9] begin as often as the budget says, and an honest player misses no frame", async () => {
    await shakeHands({ count: 1_200, perSecond: 600, controlMs: 1_000 });
  }, 60_000);
});
