/**
 * Writes the sidecar's configuration, the dashboard, the alarms and the tables of the documentation from
 * `server/telemetry/catalogue`: `npm run telemetry`. With `-- --check` it writes nothing and names what is out of date.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { outdatedFiles, ROOT } from "./telemetry/generated-files.ts";

const isCheck = process.argv.includes("--check");
for (const file of outdatedFiles()) {
  if (isCheck) {
    console.error(`${file.path} is out of date. Run: npm run telemetry`);
    process.exitCode = 1;
    continue;
  }
  const target = path.join(ROOT, file.path);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, file.text);
  console.log(`written: ${file.path}`);
}
