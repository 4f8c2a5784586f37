import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/**
 * Allocates what survives for a while, as a match that fills does, and says what V8's young generation had meanwhile: the
 * middle of many looks, for V8 lets it be larger for the moment in which it collects the old one.
 */
const ALLOCATE = `
  import { getHeapSpaceStatistics } from "node:v8";
  const youngBytes = () =>
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size;
  const kept = [];
  const looks = [];
  for (let at = 0; at < 2_100_000; at++) {
    kept[at % 50_000] = { at, more: [at] };
    if (at % 100_000 === 0) looks.push(youngBytes());
  }
  looks.sort((one, other) => one - other);
  console.log(looks[looks.length >> 1]);
`;

function youngBytesAfter(setUp: string): number {
  const program = `${setUp}\n${ALLOCATE}`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: `${import.meta.dirname}/../..`,
  });
  return Number(said.toString());
}

it("[SH26] keeps V8's memory for short-lived objects small, whatever is allocated", () => {
  const settled = `import { settleEngine } from "./server/engine.ts"; settleEngine();`;
  // On a busy machine loading alone may have doubled it.
  expect(youngBytesAfter(settled)).toBeLessThanOrEqual(4 * 1024 * 1024);
  // It would grow otherwise; else this shows nothing.
  expect(youngBytesAfter("")).toBeGreaterThan(8 * 1024 * 1024);
});

it("[SH29] gives a settled process what a match needs of that memory once it hosts one, and no other", () => {
  const grown = (setUp: string) => {
    const program = `
      import { getHeapSpaceStatistics } from "node:v8";
      const { beginMatch, settleEngine } = await import("./server/engine.ts");
      const young = () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size;
      ${setUp}
      const before = young();
      beginMatch();
      console.log(JSON.stringify({ before, after: young() }));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: `${import.meta.dirname}/../..`,
    });
    return JSON.parse(said.toString()) as { before: number; after: number };
  };
  const { before, after } = grown("settleEngine();");
  expect(after).toBeGreaterThanOrEqual(8 * 1024 * 1024);
  expect(after).toBeLessThanOrEqual(Math.max(before, 16 * 1024 * 1024));
  const other = grown("");
  expect(other.after).toBe(other.before);
});

it("[SH30] does not collect only to give memory back while a match lasts, and does so after it", async () => {
  const collections = async (then: string) => {
    const program = `
      import { PerformanceObserver, constants } from "node:perf_hooks";
      const { beginMatch, collectStart, endMatch, settleEngine } = await import("./server/engine.ts");
      settleEngine();
      beginMatch();
      ${then}
      // V8 leaves a process with less than 8 MB alone.
      globalThis.kept = Array.from({ length: 300_000 }, (_, at) => ({ at, more: [at] }));
      collectStart();
      let major = 0;
      new PerformanceObserver((list) => {
        for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) major++;
      }).observe({ entryTypes: ["gc"] });
      // It does so some 8 s after it collected for another reason, if little was allocated.
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      console.log(major);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", program],
      { cwd: `${import.meta.dirname}/../..` },
    );
    return Number(stdout);
  };
  const [during, after] = await Promise.all([collections(""), collections("endMatch();")]);
  expect(during).toBe(0);
  expect(after).toBeGreaterThan(0);
}, 30_000);

it("[SH31] gives back what compiling needed", () => {
  const grownBytes = (then: string) => {
    const program = `
      import { setTimeout as delay } from "node:timers/promises";
      import { setFlagsFromString } from "node:v8";
      const { settleEngine } = await import("./server/engine.ts");
      settleEngine();
      ${then}
      const before = process.memoryUsage.rss();
      const steps = Array.from({ length: 60 }, (_, at) => "o = { a: o.b + " + at + ", b: o.a ^ x };").join("");
      const functions = Array.from({ length: 200 }, (_, nth) =>
        new Function("x", "let o = { a: " + nth + ", b: x };" + steps + "return o.a;"));
      for (let round = 0; round < 20; round++) {
        for (const each of functions) for (let time = 0; time < 50; time++) each(time);
        await delay(20);
      }
      console.log(process.memoryUsage.rss() - before);`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: `${import.meta.dirname}/../..`,
    });
    return Number(said.toString());
  };
  const usual = grownBytes(`setFlagsFromString("--maglev-destroy-on-background");`);
  expect(grownBytes("")).toBeLessThan(usual / 2);
});

it("[SH28] gives back what starting has left, and leaves no way to collect to the games", () => {
  const program = `
    import { collectStart } from "./server/engine.ts";
    let left = Array.from({ length: 200_000 }, (_, at) => ({ at }));
    const before = process.memoryUsage().heapUsed;
    left = undefined;
    collectStart();
    const after = process.memoryUsage().heapUsed;
    console.log(JSON.stringify({ before, after, hasGc: "gc" in globalThis }));
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: `${import.meta.dirname}/../..`,
  });
  const { before, after, hasGc } = JSON.parse(said.toString());
  expect(before - after).toBeGreaterThan(4 * 1024 * 1024);
  expect(hasGc).toBe(false);
});
