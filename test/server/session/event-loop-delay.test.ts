import { expect, it } from "vitest";
import { eventLoopDelay } from "../../../server/session/event-loop-delay.ts";

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function hold(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

it("[HE5] is large while every turn is held, measured anew each time, and next to nothing in peace", async () => {
  const delay = eventLoopDelay();
  expect(delay.takeMedianMs()).toBe(0);
  for (let turn = 0; turn < 10; turn++) {
    hold(120);
    await rest(1);
  }
  expect(delay.takeMedianMs()).toBeGreaterThan(80);
  // Fewer turns than were held.
  await rest(120);
  expect(delay.takeMedianMs()).toBeLessThan(60);
  await rest(500);
  expect(delay.takeMedianMs()).toBeLessThan(20);
});

it("[HE5] is hardly moved by one long turn", async () => {
  const delay = eventLoopDelay();
  await rest(120);
  hold(1_000);
  await rest(120);
  expect(delay.takeMedianMs()).toBeLessThan(50);
});
