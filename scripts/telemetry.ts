/**
 * Writes the sidecar's configuration, the dashboard, the alarms and the tables of the documentation from
 * `server/telemetry/catalogue`: `npm run telemetry`. With `-- --check` it writes nothing and names what is out of date; `--into DIR` looks and
 * writes there instead.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { outdatedFiles, ROOT } from "./telemetry/generated-files.ts";

const { values: flags } = parseArgs({
  options: { check: { type: "boolean" }, into: { type: "string", default: ROOT } },
});
for (const file of outdatedFiles(flags.into)) {
  if (flags.check) {
    console.error(`${file.path} is out of date. Run: npm run telemetry`);
    process.exitCode = 1;
    continue;
  }
  const target = path.join(flags.into, file.path);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, file.text);
  console.log(`written: ${file.path}`);
}
