import { type Frame, isNoWork } from "./cpu-profile.ts";
import type { Places } from "./places.ts";

const ROWS_MAX = 30;

interface Row {
  readonly name: string;
  us: number;
}

export interface SelfTime {
  /** Without waiting. */
  readonly busyUs: number;
  readonly idleUs: number;
  /** Each sums up to `busyUs`; longest first. */
  readonly parts: readonly Row[];
  readonly files: readonly Row[];
  readonly functions: readonly Row[];
}

/** Where the time went: in which parts, files and functions itself, not in what they called. */
export function selfTimeOf(root: Frame, places: Places): SelfTime {
  const [parts, files, functions] = [new Sums(), new Sums(), new Sums()];
  let idleUs = 0;
  const visit = (frame: Frame): void => {
    const { callFrame, selfUs } = frame;
    if (isNoWork(callFrame)) idleUs += selfUs;
    else if (selfUs > 0) {
      const { part, file, line } = places.of(callFrame);
      parts.add(part, selfUs);
      files.add(file, selfUs);
      const where = line === 0 ? file : `${file}:${line}`;
      functions.add(`${callFrame.functionName || "(anonymous)"}  ${where}`, selfUs);
    }
    for (const child of frame.children) visit(child);
  };
  visit(root);
  return {
    busyUs: parts.total,
    idleUs,
    parts: parts.rows,
    files: files.rows,
    functions: functions.rows,
  };
}

class Sums {
  readonly #rows = new Map<string, Row>();
  total = 0;

  add(name: string, us: number): void {
    const row = this.#rows.get(name) ?? { name, us: 0 };
    row.us += us;
    this.total += us;
    this.#rows.set(name, row);
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()].sort((a, b) => b.us - a.us || (a.name < b.name ? -1 : 1));
  }
}

/** Three tables in Markdown, of the longest. */
export function selfTimeText({ busyUs, idleUs, parts, files, functions }: SelfTime): string {
  const busyShare = (100 * busyUs) / Math.max(1, busyUs + idleUs);
  return [
    `Main thread: busy ${busyShare.toFixed(1)} % of ${((busyUs + idleUs) / 1e6).toFixed(1)} s. Percentages are of the busy time.`,
    table("Part", parts, busyUs),
    table("File", files, busyUs),
    table("Function", functions, busyUs),
  ].join("\n\n");
}

function table(head: string, rows: readonly Row[], busyUs: number): string {
  const shown = rows.slice(0, ROWS_MAX).map(({ name, us }) => {
    const share = ((100 * us) / busyUs).toFixed(1).padStart(5);
    return `| ${share} % | ${(us / 1000).toFixed(1).padStart(8)} | ${name.replaceAll("|", "\\|")} |`;
  });
  return [`|   Self |       ms | ${head} |`, "|---:|---:|---|", ...shown].join("\n");
}
