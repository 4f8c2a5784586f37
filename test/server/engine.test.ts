import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Allocates what survives for a while, as a match that fills does. @returns Bytes of V8's young generation. */
const ALLOCATE = `
  import { getHeapSpaceStatistics } from "node:v8";
  const kept = [];
  for (let at = 0; at < 2_000_000; at++) kept[at % 50_000] = { at, more: [at] };
  const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  console.log(young.space_size);
`;

function youngBytes(setUp: string): number {
  const program = `${setUp}\n${ALLOCATE}`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: `${import.meta.dirname}/../..`,
  });
  return Number(said.toString());
}

it("[SH26] keeps V8's memory for short-lived objects small, whatever is allocated", () => {
  const settled = `import { settleEngine } from "./server/engine.ts"; settleEngine();`;
  expect(youngBytes(settled)).toBeLessThanOrEqual(3 * 1024 * 1024);
  // So it would be otherwise; else this shows nothing.
  expect(youngBytes("")).toBeGreaterThan(8 * 1024 * 1024);
});
