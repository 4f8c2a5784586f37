import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MODULE = new URL("../../../emulator/supervisor/child/child-processes.ts", import.meta.url);

/** Starts a child with so many descriptors left, and says how that ended. */
const SCRIPT = `
import { openSync, closeSync } from "node:fs";
import { ChildProcesses } from ${JSON.stringify(MODULE.href)};
const children = new ChildProcesses();
const taken = [];
try { for (;;) taken.push(openSync("/dev/null")); } catch {}
for (let left = Number(process.argv[1]); left > 0; left--) closeSync(taken.pop());
const nothing = () => {};
const child = children.start({ program: "/bin/true", args: [], folder: "/", environment: {}, output: nothing, errorOutput: nothing });
const { code, cause } = await child.ended;
for (const each of taken) closeSync(each);
children.close();
process.stdout.write(code === 0 ? "ran" : String(cause?.code));
`;

it.each([0, 1, 2, 3, 5, 7])(
  "[EV20] A child that finds %i descriptors left is one that could not be started",
  async (left) => {
    const args = [
      "-c",
      'ulimit -n 128; exec "$@"',
      "sh",
      process.execPath,
      "--input-type=module",
      "-e",
      SCRIPT,
      String(left),
    ];
    const { stdout } = await promisify(execFile)("/bin/sh", args, { timeout: 20_000 });
    expect(stdout).toMatch(/^(EMFILE|ran)$/);
  },
);
