import { describe, expect, it } from "vitest";
import { StopSignals } from "../../emulator/stop-signals.ts";
import { settle } from "../support/fake-clock.ts";

describe("StopSignals", () => {
  it("[EM14] takes signals of half a second for one, and the next for the second", async () => {
    let nowMs = 1_000;
    const signals = new StopSignals(() => nowMs);
    const seen: string[] = [];
    void signals.first.then(() => seen.push("first"));
    void signals.second.then(() => seen.push("second"));
    await settle();
    expect(seen).toEqual([]);
    signals.take();
    await settle();
    expect(seen).toEqual(["first"]);
    nowMs += 499;
    signals.take();
    await settle();
    expect(seen).toEqual(["first"]);
    nowMs += 1;
    signals.take();
    signals.take();
    await settle();
    expect(seen).toEqual(["first", "second"]);
  });
});
