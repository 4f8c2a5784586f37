import { expect, it } from "vitest";
import { eventLoopDelay } from "../../../server/session/event-loop-delay.ts";

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("[HE5] is small while nothing holds the event loop, large while every turn does, and measured anew each time", async () => {
  const delay = eventLoopDelay();
  expect(delay.takeMedianMs()).toBe(0);
  for (let turn = 0; turn < 8; turn++) {
    const endMs = performance.now() + 150;
    while (performance.now() < endMs);
    await rest(1);
  }
  expect(delay.takeMedianMs()).toBeGreaterThan(100);
  await rest(500);
  expect(delay.takeMedianMs()).toBeLessThan(60);
});

it("[HE5] is hardly moved by one long turn", async () => {
  const delay = eventLoopDelay();
  await rest(200);
  const endMs = performance.now() + 400;
  while (performance.now() < endMs);
  await rest(300);
  expect(delay.takeMedianMs()).toBeLessThan(100);
});
