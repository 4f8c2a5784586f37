/**
 * Every file that has generated parts, with what should be in it.
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../source-files.ts";
import { costTable } from "./cost.ts";
import { withParameterTables } from "./parameter-tables.ts";
import { withTemplateParts } from "./template-parts.ts";

const TEMPLATES = ["infra/ec2-fleet.yaml", "infra/container-fleet.yaml"];
const PAGE = "docs/INFRA.md";

const COST = /(<!-- made of scripts\/templates\/cost\.ts -->\n)[\s\S]*?(<!-- end -->)/;

interface GeneratedText {
  /** Below the root. */
  readonly file: string;
  readonly text: string;
}

/** Those whose text is not what it should be. The page comes of the templates as they should be. */
export function outdatedTexts(root = ROOT): readonly GeneratedText[] {
  const inPlace = (file: string) => readFileSync(path.join(root, file), "utf8");
  const templates = TEMPLATES.map((file) => ({ file, text: withTemplateParts(inPlace(file)) }));
  const read = (file: string) =>
    templates.find((template) => template.file === file)?.text ?? inPlace(file);
  const page = { file: PAGE, text: withCost(withParameterTables(inPlace(PAGE), read)) };
  return [...templates, page].filter(({ file, text }) => inPlace(file) !== text);
}

/** @throws Error when the page has no place for the table. */
function withCost(page: string): string {
  if (!COST.test(page)) throw new Error(`${PAGE} has no place for the table of costs.`);
  return page.replace(COST, (_, begin: string, end: string) => `${begin}${costTable()}\n${end}`);
}
