/**
 * What a run's JSON becomes in docs/PERFORMANCE.md. Everything outside of the marks is written by hand.
 * @module
 */
import { GOALS, type GoalId, goalOf, goalVerdict } from "../cases/goals.ts";
import type { Line, Spread } from "../measure/pairs.ts";
import type { Written } from "../runs/run-output.ts";
import { CASE_HEAD, type CaseRow, caseCells } from "./case-table.ts";
import type { Plot } from "./plots.ts";

const mark = (name: string): readonly [string, string] => [
  `<!-- bench:${name} -->`,
  `<!-- /bench:${name} -->`,
];

/**
 * @returns The page with other text between the marks of each section.
 * @throws Error for a section without marks.
 */
export function pageWith(page: string, sections: Readonly<Record<string, string>>): string {
  let written = page;
  for (const [name, section] of Object.entries(sections)) {
    const [begin, end] = mark(name);
    const [from, until] = [written.indexOf(begin), written.indexOf(end)];
    if (from < 0 || until < from) throw new Error(`the page has no ${begin} and ${end}`);
    const before = written.slice(0, from + begin.length);
    written = `${before}\n${section}\n${written.slice(until)}`;
  }
  return written;
}

export function sectionsOf(
  { environment, lines, fairness, repeated, voids, leftOut, failures }: Written,
  rows: readonly CaseRow[],
  plots: readonly Plot[],
): Readonly<Record<string, string>> {
  const { date, cpu, cores, kernel, node, colyseus, ws, foreignShareMedian } = environment;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const fair = fairness.map(
    ({ caseId, ratio, low, high }) =>
      `Plain Colyseus took ${ratio.median.toFixed(2)} times the CPU of \`ws\` at ${caseId} (${rangeOf(ratio, 2)}); between ${low.toFixed(2)} and ${high.toFixed(2)} is fair.`,
  );
  const again = repeated.map(
    ({ caseId, ratio }) =>
      `${caseId} was measured once more, and only that counts: at first it was ${ratio.median.toFixed(2)} times.`,
  );
  const worthless = [...voids, ...failures].map((why) => `**Not to be trusted**: ${why}.`);
  const lacking = leftOut.map((why) => `Such windows count nowhere: ${why}.`);
  return {
    environment: [
      `Of ${date.slice(0, 10)}, commit \`${environment.commit}\`, ${environment.tookSeconds} s. ${cores} cores of ${cpu}, Linux ${kernel}, Node ${node}, \`@colyseus/core\` ${colyseus}, \`ws\` ${ws}.`,
      `Other work took ${percent(foreignShareMedian)} of the servers' core in the median, the load ${percent(environment.swarmShareMax)} of its own at most.`,
      ...fair,
      ...again,
      ...lacking,
      ...worthless,
    ].join("\n"),
    goals: tableIn(
      ["Goal", "", "Verdict"],
      (Object.keys(GOALS) as GoalId[]).flatMap((goal) => {
        const own = lines.filter(({ id }) => goalOf(id) === goal);
        return own.length === 0 ? [] : [[goal, GOALS[goal], goalVerdict(own)]];
      }),
    ),
    lines: tableIn(LINE_HEAD, lines.map(lineCells)),
    cases: tableIn(CASE_HEAD, rows.map(caseCells)),
    pictures: plots.map(({ file, title }) => `![${title}](performance/${file})`).join("\n\n"),
  };
}

const LINE_HEAD = [
  "Id",
  "Line",
  "Ours",
  "Peer",
  "Ratio (95 %)",
  "A/A noise",
  "Must (aim)",
  "Verdict",
  "Pairs",
];

function lineCells(line: Line): string[] {
  const { id, title, ours, peer, ratio, noise, unit, digits, isAbsolute, pairsDiscarded } = line;
  const left = pairsDiscarded === 0 ? "" : ` (-${pairsDiscarded})`;
  return [
    id,
    title,
    isAbsolute
      ? `${ours.median.toFixed(digits)} ${unit} (${rangeOf(ours, digits)})`
      : `${ours.median.toFixed(digits)} ${unit}`,
    isAbsolute ? "" : `${peer.median.toFixed(digits)} (${line.peerName})`,
    isAbsolute ? "" : `${ratio.median.toFixed(2)} (${rangeOf(ratio, 2)})`,
    noise === undefined ? "" : rangeOf(noise, 2),
    promiseOf(line),
    line.verdict,
    line.isNoisy ? `${line.pairsUsed} noisy` : `${line.pairsUsed}${left}`,
  ];
}

function promiseOf({ promised }: Line): string {
  if (promised === undefined) return "";
  const sign = promised.direction === "at most" ? "≤" : "≥";
  const limit = (value: number) => `${sign} ${Number(value.toFixed(2))}`;
  const { must, aim } = promised;
  return must === undefined ? `(${limit(aim)})` : `${limit(must)} (${limit(aim)})`;
}

const rangeOf = ({ low, high }: Spread, digits: number): string =>
  `${low.toFixed(digits)} to ${high.toFixed(digits)}`;

function tableIn(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Text that ends no cell. */
const cellOf = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
