import { describe, it } from "vitest";
import { attackBeforeJoin } from "./before-join.ts";

describe("strangers with hostile frames", () => {
  it("[HO1] are all cut, learn nothing, and an honest player misses no frame", async () => {
    await attackBeforeJoin({
      frames: 20_000,
      framesPerConnection: 20,
      atOnce: 128,
      patientOneIn: Number.POSITIVE_INFINITY,
      controlMs: 500,
    });
  }, 60_000);
});
