import { connect, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../server/clock.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { type Rest, threadRest } from "../../../server/host/thread-rest.ts";
import { TickLoop } from "../../../server/host/tick-loop.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const { restMsMax } = HOST_LIMITS;
const rest = threadRest(systemClock, () => false);

/** Rests once. @returns How long it took, milliseconds. */
function rested(delayMs: number): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    expect(rest(delayMs, () => resolve(performance.now() - startMs))).toBeDefined();
  });
}

describe("a rest of the thread", () => {
  it("[CP4] lasts until the step is due, and where that is far away an equal part of it, at most 26 ms", async () => {
    for (const delayMs of [0.4, 6, 12.5]) {
      const tookMs = await rested(delayMs);
      expect(tookMs).toBeGreaterThanOrEqual(delayMs - 0.01);
    }
    const longMs = [await rested(1_000), await rested(60_000)];
    expect(restMsMax).toBe(26);
    expect(Math.min(...longMs)).toBeGreaterThanOrEqual(restMsMax - 0.5);
    expect(Math.max(...longMs)).toBeLessThan(900);
  });

  it("[CP4] takes in what came meanwhile before anything is done about it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const far = connect(port, "127.0.0.1");
    const near = await accepted;
    const order: string[] = [];
    near.on("data", (chunk) => order.push(chunk.toString()));
    far.write("before the rest");
    setImmediate(() => {
      order.push("what was to be called");
      far.write(", and after it");
    });
    await new Promise<void>((resolve) => {
      rest(5, () => {
        order.push("fired");
        resolve();
      });
    });
    far.destroy();
    near.destroy();
    server.close();
    const heard = order.filter((each) => each !== "what was to be called" && each !== "fired");
    expect(heard.join("")).toBe("before the rest, and after it");
    expect(order.at(-1)).toBe("fired");
  });

  it("[CP4] is called off before it begins, and after it, and then nothing is called", async () => {
    let fired = 0;
    const fire = () => {
      fired++;
    };
    rest(1, fire)?.();
    const cancel = rest(1, fire);
    // Behind the rest, in the same turn.
    setImmediate(() => cancel?.());
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(fired).toBe(0);
    cancel?.();
    await rested(0);
  });

  it("[CP5] is not begun while somebody is on the way in", async () => {
    let isAwaited = true;
    const wary = threadRest(systemClock, () => isAwaited);
    expect(wary(1, () => expect.unreachable())).toBeUndefined();
    await rested(3);
    isAwaited = false;
    await new Promise<void>((resolve) => {
      expect(wary(1, resolve)).toBeDefined();
    });
  });
});

/** A loop on a clock that a test moves, with rests as a real thread has them. */
function open(tickRateHz: number, declines: (nth: number) => boolean) {
  const clock = new FakeClock();
  let asked = 0;
  const fakeRest: Rest = (delayMs, fire) =>
    declines(asked++) ? undefined : clock.after(Math.min(delayMs, restMsMax), fire);
  const atMs: number[] = [];
  const loop = new TickLoop({
    clock,
    tickRateHz,
    rest: fakeRest,
    onTick: () => atMs.push(clock.nowMs()),
    onOverrun: () => expect.unreachable(),
  });
  return { clock, loop, atMs, rests: () => asked };
}

describe("a tick loop that rests", () => {
  it("[CP4] makes the steps that it makes by timers, when they are due, and wakes once for each at 60 Hz", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(10, 20, 30, 60, 64, 128),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
        (rate, declined) => {
          const { clock, loop, atMs } = open(
            rate,
            (nth) => declined[nth % declined.length] === true,
          );
          loop.start();
          clock.advance(5_000.5);
          expect(atMs).toHaveLength(5 * rate);
          for (const [nth, ms] of atMs.entries()) {
            expect(Math.abs(ms - ((nth + 1) * 1000) / rate)).toBeLessThan(1e-6);
          }
        },
      ),
    );
    const { clock, loop, rests } = open(60, () => false);
    loop.start();
    clock.advance(1_000.5);
    expect(rests()).toBe(61);
  });

  it("[CP4] rests no more once it was stopped", () => {
    const { clock, loop, atMs } = open(30, () => false);
    loop.start();
    clock.advance(100);
    loop.stop();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(1_000);
    expect(atMs).toHaveLength(3);
  });
});
