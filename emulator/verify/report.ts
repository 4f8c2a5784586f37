import { Reading } from "./reading.ts";
import { exitText, type Finding, type Rule, type Verdict } from "./rule.ts";
import type { LifeName, Trace } from "./trace.ts";

/** What was found about one rule, over all lives that can show it. */
interface RuleResult extends Finding {
  readonly id: string;
  readonly name: string;
  readonly demand: string;
  /** The life that showed it; the first one that was lived when none did. */
  readonly life: LifeName;
}

/** One life, and the end of what the server printed in it. */
export interface LifeRecord {
  readonly trace: Trace;
  /** Newest last; secrets are struck out. */
  readonly output: readonly string[];
}

export interface Report {
  /** Grows when the report changes its shape. */
  readonly format: 1;
  readonly command: readonly string[];
  readonly isClean: boolean;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly rules: readonly RuleResult[];
  readonly lives: readonly LifeRecord[];
}

/** Of several lives the worst finding counts. */
const WEIGHT: Readonly<Record<Verdict, number>> = {
  broken: 3,
  warning: 2,
  kept: 1,
  "not-checked": 0,
};

/** Judges lives by rules. Rules that none of these lives can show are left out. */
export function reportOn(
  command: readonly string[],
  rules: readonly Rule[],
  lives: readonly LifeRecord[],
): Report {
  const results = rules.flatMap((rule) => resultOf(rule, lives) ?? []);
  const count = (verdict: Verdict) => results.filter((each) => each.verdict === verdict).length;
  const counts = {
    kept: count("kept"),
    warning: count("warning"),
    broken: count("broken"),
    "not-checked": count("not-checked"),
  };
  return { format: 1, command, isClean: counts.broken === 0, counts, rules: results, lives };
}

function resultOf(rule: Rule, lives: readonly LifeRecord[]): RuleResult | undefined {
  const findings = lives
    .filter(({ trace }) => rule.lives.includes(trace.life))
    .map(({ trace }) => ({ life: trace.life, ...rule.judge(new Reading(trace)) }));
  const [worst] = findings.toSorted((a, b) => WEIGHT[b.verdict] - WEIGHT[a.verdict]);
  if (worst === undefined) return undefined;
  const { id, name, demand } = rule;
  return { id, name, demand, ...worst };
}

const MARKS: Readonly<Record<Verdict, string>> = {
  kept: "ok",
  warning: "warning",
  broken: "BROKEN",
  "not-checked": "not checked",
};
const MARK_WIDTH = 13;
const NAME_WIDTH = 40;

/** A report as lines for a person; the judgement comes last. */
export function reportLines(report: Report): readonly string[] {
  const { rules, counts, lives } = report;
  return [
    "",
    ...rules.flatMap(ruleLines),
    "",
    ...lives.flatMap(lifeLines),
    `${counts.kept} kept, ${counts.broken} broken, ${counts.warning} warnings, ${counts["not-checked"]} not checked`,
    report.isClean ? "nothing wrong was found" : `broken: ${brokenNames(rules)}`,
  ];
}

function ruleLines({ id, name, demand, verdict, seen, life }: RuleResult): readonly string[] {
  const where = life === "match" ? "" : ` [life: ${life}]`;
  const title = `${`${id} ${name}`.padEnd(NAME_WIDTH)}`;
  const line = `${MARKS[verdict].padEnd(MARK_WIDTH)}${title}${seen}${where}`;
  const isAtFault = verdict === "broken" || verdict === "warning";
  return isAtFault ? [line, `${" ".repeat(MARK_WIDTH)}demanded: ${demand}`] : [line];
}

/** What a server that ended before its time printed last. */
function lifeLines({ trace, output }: LifeRecord): readonly string[] {
  const reading = new Reading(trace);
  const notes = reading.all("note").map(({ text }) => `life ${trace.life}: ${text}`);
  const { exited, endedByItself } = reading;
  if (endedByItself === undefined || exited === undefined) return notes;
  const said = output.length === 0 ? "it had printed nothing" : "its last lines:";
  const title = `life ${trace.life}: the server ended by itself (${exitText(exited)}); ${said}`;
  return [...notes, title, ...output.map((line) => `  | ${line}`), ""];
}

function brokenNames(rules: readonly RuleResult[]): string {
  return rules
    .filter(({ verdict }) => verdict === "broken")
    .map(({ name }) => name)
    .join(", ");
}
