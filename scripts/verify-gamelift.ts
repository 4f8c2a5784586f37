/**
 * `npm run verify:gamelift`: takes a build of build:gamelift through what an EC2 fleet does with it, on this machine: it is
 * unpacked into a root of its own without any Node, install.sh runs, an emulated fleet starts its processes by the
 * runtime configuration, players play, and everything ends. docs/GAMELIFT.md says what is looked at.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { newestBuild } from "./fleets/build-zip.ts";
import { Report } from "./gamelift/verify/report.ts";
import { verify } from "./gamelift/verify/verification.ts";
import { ROOT } from "./source-files.ts";

const USAGE = `usage: npm run verify:gamelift -- [flags]
  --zip FILE       the build (the newest of this machine's kind in dist)
  --processes N    how many share an instance, 1 to 40 (20)
  --keep           leaves the root in which it ran, and says where`;
const PROCESSES_MAX = 40;

const options = readOptions();
const report = new Report(console.log);
const workFolder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-verify-"));
console.log(path.relative(process.cwd(), options.zip));
let failure: string | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The emulator's watchdog ends what runs in it; some 300 MB must not stay behind.
  process.once(signal, () => {
    if (!options.keep) rmSync(workFolder, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  await verify({ ...options, workFolder, report, print: console.log });
} catch (error) {
  failure = (error as Error).message;
}
if (options.keep) console.log(`kept: ${workFolder}`);
else rmSync(workFolder, { recursive: true, force: true });
console.log(`\n${report.summary}`);
if (failure !== undefined) console.error(`cannot verify: ${failure}`);
process.exit(report.isGood && failure === undefined ? 0 : 1);

function readOptions() {
  const { zip, processes, keep } = parsed();
  const count = Number(processes ?? "20");
  if (!Number.isInteger(count) || count < 1 || count > PROCESSES_MAX) {
    return refuse(`--processes ${processes}: allowed is a whole number 1 to ${PROCESSES_MAX}`);
  }
  const file =
    zip === undefined ? newestBuild(path.join(ROOT, "dist"), process.arch) : path.resolve(zip);
  if (file === undefined || statSync(file, { throwIfNoEntry: false }) === undefined) {
    return refuse(
      zip === undefined
        ? `there is no build for linux-${process.arch} in dist: make one with npm run build:gamelift`
        : `--zip ${zip}: there is no such file`,
    );
  }
  return { zip: file, processes: count, keep: keep === true };
}

function parsed() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    const { values } = parseArgs({
      options: { zip: text, processes: text, keep: flag, help: flag },
    });
    if (values.help !== true) return values;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(message: string): never {
  console.error(`${message}\n${USAGE}`);
  process.exit(1);
}
