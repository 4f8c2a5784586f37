import { describe, it } from "vitest";
import { attackBeforeJoin } from "./before-join.ts";

describe("strangers with a million hostile frames", () => {
  it("[HO1] are all cut, learn nothing, and an honest player misses no frame", async () => {
    await attackBeforeJoin({
      frames: 1_000_000,
      framesPerConnection: 20,
      atOnce: 128,
      patientOneIn: 50,
      controlMs: 10_000,
    });
  });
});
