import { describe, expect, it } from "vitest";
import { SteppedClock } from "../../../bench/telemetry/stepped-clock.ts";

describe("the clock of the stepped match", () => {
  it("[BN12] fires what is due by the time it goes to, in the order of time", () => {
    const clock = new SteppedClock(() => 0);
    const fired: string[] = [];
    clock.after(120, () => fired.push("120"));
    clock.after(40, () => {
      fired.push("40");
      clock.after(1, () => fired.push("51"));
    });
    const cancel = clock.after(60, () => fired.push("never"));
    clock.after(30, () => fired.push("30"));
    clock.advance(50);
    expect(fired).toEqual(["30", "40"]);
    cancel();
    cancel();
    clock.advance(50);
    expect(fired).toEqual(["30", "40", "51"]);
    clock.advance(50);
    expect(fired).toEqual(["30", "40", "51", "120"]);
  });

  it("[BN12] goes on as time does between two steps, and never back", () => {
    let realMs = 1_000;
    const clock = new SteppedClock(() => realMs);
    expect(clock.nowMs()).toBe(0);
    realMs += 7;
    expect(clock.nowMs()).toBe(7);
    clock.advance(50);
    expect(clock.nowMs()).toBe(50);
    // A step that takes longer than it lasts.
    realMs += 60;
    clock.advance(50);
    expect(clock.nowMs()).toBe(110);
    clock.advance(50);
    expect(clock.nowMs()).toBe(160);
  });
});
