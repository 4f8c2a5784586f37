import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Feel } from "../../client/timing/feel-meter.ts";
import { SHIP_SPEED_METRES_PER_SECOND_MAX } from "../../rooms/arena/prediction.ts";
import { Chromium, hasChromium } from "../support/chromium.ts";
import { until } from "../support/in-process-server.ts";

if (!hasChromium) {
  process.stderr.write("SKIPPED: the page in play; install Debian's chromium to run it\n");
}

const ROOT = path.join(import.meta.dirname, "../..");
/** A ship that is placed anew has not flown there. */
const JUMP_METRES = 6;

interface Seen {
  readonly drawnAtMs: number;
  readonly others: readonly { readonly seat: number; readonly x: number; readonly y: number }[];
}

/** In the page: what was on its screen, frame by frame. Text, for its policy lets only tests evaluate. */
const FRAMES = `new Promise((resolve) => {
  const seen = [];
  const frame = () => {
    const { drawnAtMs, others } = window.fleetroomDemo;
    if (drawnAtMs !== seen.at(-1)?.drawnAtMs) seen.push({ drawnAtMs, others });
    if (seen.length < 240) requestAnimationFrame(frame); else resolve(seen);
  };
  requestAnimationFrame(frame);
})`;

describe.skipIf(!hasChromium)("the page in play", () => {
  let development: ChildProcess;
  let browser: Chromium;
  let page: Page;
  let printed = "";
  const errors: string[] = [];

  const asked = <T>(what: string) => page.evaluate(`window.fleetroomDemo.${what}`) as Promise<T>;

  beforeAll(async () => {
    const args = ["scripts/dev.ts", "--port", "0", "--no-prometheus"];
    development = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [development.stdout, development.stderr]) {
      stream?.on("data", (chunk) => {
        printed += chunk;
      });
    }
    await until(() => printed.includes("Open http"), 30_000);
    browser = await Chromium.open({ viewport: { width: 1280, height: 800 } });
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(/Open (http\S+)/.exec(printed)?.[1] ?? "");
    await page.waitForSelector("body[data-connection=playing]", { timeout: 30_000 });
    await page.click("#add-bots");
  }, 90_000);

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    const ended = new Promise((resolve) => development.once("close", resolve));
    development.kill("SIGTERM");
    await ended;
  }, 30_000);

  it("[FE16] has three bots fly and fight by snapshots, and moves them smoothly", async () => {
    await expect.poll(() => asked<unknown[]>("others"), { timeout: 30_000 }).toHaveLength(3);
    await page.mouse.move(900, 300);
    await page.mouse.down();
    await page.keyboard.down("KeyD");
    const frames = (await page.evaluate(FRAMES)) as Seen[];
    let steps = 0;
    let metres = 0;
    frames.forEach(({ drawnAtMs, others }, index) => {
      const before = frames[index - 1];
      if (before === undefined) return;
      const passedMs = drawnAtMs - before.drawnAtMs;
      const reach = (1.5 * SHIP_SPEED_METRES_PER_SECOND_MAX * passedMs) / 1000;
      for (const { seat, x, y } of others) {
        const was = before.others.find((other) => other.seat === seat);
        const step = was === undefined ? 0 : Math.hypot(x - was.x, y - was.y);
        if (step > JUMP_METRES) continue;
        steps++;
        metres += step;
        expect(step).toBeLessThanOrEqual(reach);
      }
    });
    expect(steps).toBeGreaterThan(300);
    expect(metres).toBeGreaterThan(20);
  });

  it("[FE9] shows what its player feels of the network", async () => {
    const feel = await asked<Feel>("feel");
    expect(feel.correctionMetresP50).toBeLessThan(0.2);
    expect(feel.interpolationDelayMs).toBeGreaterThan(0);
    await expect.poll(() => page.textContent("#ping")).toMatch(/^\d+ ms$/);
    expect(await page.textContent("#jitter")).toMatch(/^± \d+ ms$/);
    expect(await page.textContent("#delay")).toMatch(/^\d+ ms$/);
    expect(await page.textContent("#corrections")).toMatch(/^\d+ \/ \d+ cm$/);
    expect(await page.textContent("#tick-rate")).toMatch(/^\d\d ticks\/s$/);
  });

  it("[FE16] says nothing bad on its console", () => {
    expect([...errors, ...browser.complaints]).toEqual([]);
  });
});
