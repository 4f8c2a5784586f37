/**
 * Every file that has generated parts, with what should be in it.
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../source-files.ts";
import { withParameterTables } from "./parameter-tables.ts";
import { withTemplateParts } from "./template-parts.ts";

const TEMPLATES = ["infra/ec2-fleet.yaml", "infra/container-fleet.yaml"];
const PAGE = "docs/INFRA.md";

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
  const page = { file: PAGE, text: withParameterTables(inPlace(PAGE), read) };
  return [...templates, page].filter(({ file, text }) => inPlace(file) !== text);
}
