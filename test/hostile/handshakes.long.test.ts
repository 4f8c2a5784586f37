import { describe, it } from "vitest";
import { shakeHands } from "./handshakes.ts";

describe("600 TLS handshakes a second, for 20 seconds", () => {
  it("[HO9] begin as often as the budget says, and an honest player misses no frame", async () => {
    await shakeHands({ count: 12_000, perSecond: 600, controlMs: 20_000 });
  });
});
