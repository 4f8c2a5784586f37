/**
 * Writes what the CloudFormation templates have from `scripts/gamelift/launch.ts`, and the tables of their parameters in
 * `docs/INFRA.md`: `npm run templates`. With `-- --check` it writes nothing and names what is out of date.
 * @module
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./source-files.ts";
import { outdatedTexts } from "./templates/generated-parts.ts";

const { values: flags } = parseArgs({
  options: { check: { type: "boolean" }, in: { type: "string", default: ROOT } },
});
for (const { file, text } of outdatedTexts(flags.in)) {
  if (flags.check) {
    console.error(`${file} is out of date. Run: npm run templates`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(path.join(flags.in, file), text);
  console.log(`written: ${file}`);
}
