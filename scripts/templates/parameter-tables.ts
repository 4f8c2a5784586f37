/**
 * Tables of the templates' parameters for `docs/INFRA.md`.
 * @module
 */
import { parse } from "yaml";

interface Parameter {
  readonly Default?: string | number;
  readonly Description?: string;
  readonly AllowedValues?: readonly (string | number)[];
}

/** Values that are listed one by one; longer lists stand in the template. */
const VALUES_LISTED_MAX = 3;

/**
 * A page with the table of every template that it marks written anew.
 * @param read - Gives the text of a file of the repository.
 * @throws Error when a mark has no end.
 */
export function withParameterTables(page: string, read: (file: string) => string): string {
  const begins = page.match(/<!-- parameters of /g)?.length ?? 0;
  let written = 0;
  const text = page.replaceAll(
    /(<!-- parameters of (infra\/[a-z0-9-]+\.yaml) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, file: string, end: string) => {
      written++;
      return `${begin}${parameterTable(read(file))}\n${end}`;
    },
  );
  if (written !== begins) throw new Error("A table of parameters has no end.");
  return text;
}

function parameterTable(template: string): string {
  const { Parameters = {} } = parse(template) as { Parameters?: Record<string, Parameter> };
  const rows = Object.entries(Parameters).map(([name, parameter]) => {
    const { Default, Description = "", AllowedValues = [] } = parameter;
    const isListed = AllowedValues.length > 0 && AllowedValues.length <= VALUES_LISTED_MAX;
    const values = isListed ? `${AllowedValues.map((value) => `\`${value}\``).join(", ")}. ` : "";
    return `| \`${name}\` | ${shown(Default)} | ${values}${Description.trim()} |`;
  });
  return ["| Parameter | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
}

function shown(value: string | number | undefined): string {
  if (value === undefined) return "must be given";
  return value === "" ? "none" : `\`${value}\``;
}
