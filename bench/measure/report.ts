import type { Line, Spread } from "./pairs.ts";

const HEAD = [
  "line",
  "ours",
  "peer",
  "ratio",
  "95 % spread",
  "A/A noise",
  "must",
  "aim",
  "verdict",
  "CPU / wall",
  "pairs",
];

/** The table that people read; the JSON has every pair. */
export function tableOf(lines: readonly Line[]): string {
  return textTable([HEAD, ...lines.map(rowOf)]);
}

/** @param rows - The first one is the head. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const text = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...body] = text;
  return [head, widths.map((width) => "-".repeat(width)).join("  "), ...body].join("\n");
}

function rowOf(line: Line): string[] {
  const { promised } = line;
  const limit = (value: number | undefined) =>
    value === undefined
      ? ""
      : `${promised?.direction === "at least" ? "≥" : "≤"} ${Number(value.toFixed(2))}`;
  return [
    line.title,
    `${line.ours.median.toFixed(line.digits)} ${line.unit}`,
    line.isAbsolute ? "" : `${line.peer.median.toFixed(line.digits)} (${line.peerName})`,
    line.isAbsolute ? "" : line.ratio.median.toFixed(2),
    rangeOf(line.ratio, line.isAbsolute ? line.digits : 2),
    line.noise === undefined ? "" : rangeOf(line.noise),
    limit(promised?.must),
    limit(promised?.aim),
    line.verdict,
    line.wallMs === 0
      ? ""
      : `${(line.cpuMs / 1000).toFixed(1)} / ${(line.wallMs / 1000).toFixed(1)} s`,
    pairsText(line),
  ];
}

function rangeOf({ low, high }: Spread, digits = 2): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}

function pairsText({ pairsUsed, pairsDiscarded, isNoisy }: Line): string {
  if (isNoisy) return `${pairsUsed} noisy`;
  return pairsDiscarded === 0 ? String(pairsUsed) : `${pairsUsed} (-${pairsDiscarded})`;
}
