/**
 * Reads a Dockerfile and a .dockerignore, as far as ours go.
 * @module
 */

export interface Instruction {
  readonly name: string;
  readonly words: string;
}

export interface Stage {
  /** With arguments put in. */
  readonly image: string;
  /** `undefined` for the last one. */
  readonly alias: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** Before the first stage. */
  readonly arguments: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

/** Comments and continued lines put away. */
function instructionsOf(text: string): Instruction[] {
  const whole = text.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/\\\n/g, " ");
  return whole
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", ...words] = line.split(/\s+/);
      return { name, words: words.join(" ") };
    });
}

export function parseDockerfile(text: string): Dockerfile {
  const all = instructionsOf(text);
  const first = all.findIndex(({ name }) => name === "FROM");
  const given = all
    .slice(0, first)
    .filter(({ name }) => name === "ARG")
    .map(({ words }) => words.split("=") as [string, string]);
  const values = new Map(given);
  const stages: { image: string; alias: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of all.slice(first)) {
    if (instruction.name === "FROM") {
      const [image = "", , alias] = instruction.words.split(" ");
      const known = image.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? "");
      stages.push({ image: known, alias, instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return { arguments: values, stages };
}

/** The words of an instruction in its exec form; `undefined` in its shell form. */
export function execForm(words: string): readonly string[] | undefined {
  try {
    return JSON.parse(words) as readonly string[];
  } catch {
    return undefined;
  }
}

/** Of `COPY`: what is copied, whereto, and out of which stage. */
export function copyOf({ words }: Instruction): {
  readonly sources: readonly string[];
  readonly target: string;
  readonly from: string | undefined;
} {
  const parts = words.split(" ");
  const from = parts.find((part) => part.startsWith("--from="))?.slice("--from=".length);
  const places = parts.filter((part) => !part.startsWith("--"));
  return { sources: places.slice(0, -1), target: places.at(-1) ?? "", from };
}

/** Whether a file gets to the builder: the last rule that names it, or a folder that it lies in, decides. */
export function isIgnored(rules: string, file: string): boolean {
  let ignored = false;
  for (const line of rules.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const isException = line.startsWith("!");
    const pattern = isException ? line.slice(1) : line;
    const names = [file, ...parentsOf(file)].some((each) => patternOf(pattern).test(each));
    if (names) ignored = !isException;
  }
  return ignored;
}

/** As Docker reads it: a star takes names that begin with a dot as well. */
function patternOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "\0")
    .replaceAll("*", "[^/]*")
    .replaceAll("\0", "(?:.*/)?");
  return new RegExp(`^${source}$`);
}

function parentsOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
