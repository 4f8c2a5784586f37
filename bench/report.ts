/**
 * Writes the figures of a run into docs/PERFORMANCE.md, and its pictures beside it. `node bench/report.ts [JSON]`; without
 * a file the newest of `bench/out/`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { matchCasesOf } from "./cases/match-cases.ts";
import { caseRows } from "./report/case-table.ts";
import { pageWith, sectionsOf } from "./report/page.ts";
import { plotsOf } from "./report/plots.ts";
import type { Written } from "./runs/run-output.ts";

const FOLDER = path.join(import.meta.dirname, "out");
const DOCS = path.join(import.meta.dirname, "../docs");

const file = process.argv[2] ?? newest();
const written = JSON.parse(readFileSync(file, "utf8")) as Written;
const blocks = Object.values(written.results).filter((result) => result.kind === "match");
const rows = caseRows(matchCasesOf(written.environment.effort), blocks);

const plots = plotsOf(rows);
const page = path.join(DOCS, "PERFORMANCE.md");
writeFileSync(page, pageWith(readFileSync(page, "utf8"), sectionsOf(written, rows, plots)));
const pictures = path.join(DOCS, "performance");
mkdirSync(pictures, { recursive: true });
for (const { file: name, svg } of plots) writeFileSync(path.join(pictures, name), svg);
console.log(`docs/PERFORMANCE.md is of ${path.relative(process.cwd(), file)}`);

/** Names are dates. */
function newest(): string {
  const names = readdirSync(FOLDER).filter((name) => /^bench-.*\.json$/.test(name));
  const last = names.sort().at(-1);
  if (last === undefined) throw new Error(`there is no run in ${FOLDER}: npm run bench`);
  return path.join(FOLDER, last);
}
