import { expect, it } from "vitest";
import { eventLoopDelay } from "../../../server/session/event-loop-delay.ts";

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function hold(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

it("[HE5] is large while every turn is held, measured anew each time, and next to nothing in peace", async () => {
  const delay = eventLoopDelay();
  expect(delay.takeMedianMs(true)).toBe(0);
  for (let turn = 0; turn < 10; turn++) {
    hold(120);
    await rest(1);
  }
  expect(delay.takeMedianMs(true)).toBeGreaterThan(80);
  // Fewer turns than were held.
  await rest(120);
  expect(delay.takeMedianMs(true)).toBeLessThan(60);
  await rest(500);
  expect(delay.takeMedianMs(true)).toBeLessThan(20);
});

it("[HE5] is hardly moved by one long turn", async () => {
  const delay = eventLoopDelay();
  delay.takeMedianMs(true);
  await rest(120);
  hold(1_000);
  await rest(120);
  expect(delay.takeMedianMs(true)).toBeLessThan(50);
});

it("[HE5] is that of a sample, which ends in time but not before it has turns enough", async () => {
  const delay = eventLoopDelay({ lastsMs: 150, turnsMin: 5 });
  const holdTurns = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) {
      hold(60);
      await rest(1);
    }
  };
  delay.takeMedianMs(true);
  await rest(250);
  // More turns than were in peace.
  await holdTurns(14);
  expect(delay.takeMedianMs(true)).toBeLessThan(20);
  // Longer than the sample lasts.
  await holdTurns(4);
  await rest(200);
  expect(delay.takeMedianMs(true)).toBeLessThan(30);
  await holdTurns(4);
  await holdTurns(4);
  expect(delay.takeMedianMs(false)).toBeGreaterThan(30);
});

it("[HE9] is not measured before it was asked for, nor after it was no longer", async () => {
  const delay = eventLoopDelay();
  const holdOn = async () => {
    for (let turn = 0; turn < 5; turn++) {
      hold(60);
      await rest(1);
    }
  };
  await holdOn();
  expect(delay.takeMedianMs(true)).toBe(0);
  await holdOn();
  expect(delay.takeMedianMs(false)).toBeGreaterThan(20);
  await holdOn();
  expect(delay.takeMedianMs(true)).toBe(0);
  await holdOn();
  expect(delay.takeMedianMs(false)).toBeGreaterThan(20);
});
