import { describe, expect, it } from "vitest";
import type { MatchCase } from "../../../bench/cases/match-case.ts";
import { matchLineOf } from "../../../bench/cases/match-lines.ts";
import { caseRows } from "../../../bench/report/case-table.ts";
import { pageWith, sectionsOf } from "../../../bench/report/page.ts";
import { plotsOf } from "../../../bench/report/plots.ts";
import type { Written } from "../../../bench/runs/run-output.ts";
import { blockOf } from "../../support/bench-windows.ts";

const plan: MatchCase = {
  id: "10@20",
  title: "10 players @20",
  settings: { players: 10, npcs: 190, tickRateHz: 20 },
  peer: "colyseus",
  beside: {},
  rounds: 3,
  blocks: 1,
};
const block = blockOf(
  "10@20",
  Array.from({ length: 3 }, () => ({ colyseus: 100, ours: 50 })),
);
const line = matchLineOf(
  {
    id: "P1.10@20",
    title: "CPU | here",
    metric: "cpu",
    side: "ours",
    against: "colyseus",
    promised: { direction: "at most", must: 0.8, aim: 0.65 },
  },
  plan,
  [block],
);
const written = {
  environment: { date: "2026-11-22T00:00:00Z", commit: "abc", effort: "usual" },
  lines: [line],
  fairness: [],
  repeated: [{ caseId: "200@20", ratio: { low: 1.5, median: 1.54, high: 1.6 } }],
  voids: ["it rained"],
  leftOut: ["the load was busy"],
  failures: [],
  results: {},
} as unknown as Written;

describe("the page of figures", () => {
  it("[BN29] is changed between its marks and nowhere else", () => {
    const page = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";
    expect(pageWith(page, { x: "new" })).toBe("a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n");
    expect(() => pageWith(page, { y: "new" })).toThrow("bench:y");
  });

  it("[BN29] says what was measured, and that a void run is not to be trusted", () => {
    const rows = caseRows([plan], [block]);
    const sections = sectionsOf(written, rows, plotsOf(rows));
    expect(sections["lines"]).toContain("| CPU \\| here |");
    expect(sections["lines"]).toContain("0.50 (0.50 to 0.50)");
    expect(sections["goals"]).toContain("| P1 | CPU at 10 players | aim |");
    expect(sections["cases"]).toContain("| 10 players @20 | ours | 300.0 (300.0 to 300.0) |");
    expect(sections["pictures"]).toContain("](performance/cpu-10.svg)");
    expect(sections["environment"]).toContain("**Not to be trusted**: it rained.");
    expect(sections["environment"]).toContain("count nowhere: the load was busy.");
    expect(sections["environment"]).toContain("200@20 was measured once more");
  });

  it("[BN29] counts each window once, though a peer's stands between two rounds", () => {
    const [first, second, third] = block.rounds;
    const peerOf = (round: typeof first) => round?.windows.colyseus;
    const rounds = [
      { windows: first?.windows ?? {}, peerAgain: peerOf(second) },
      { windows: second?.windows ?? {}, peerAgain: peerOf(third) },
      { windows: third?.windows ?? {}, peerAgain: peerOf(first) },
    ];
    const rows = caseRows([plan], [{ ...block, rounds }]);
    expect(rows.map(({ side, windows }) => [side, windows])).toEqual([
      ["colyseus", 4],
      ["ours", 3],
    ]);
  });

  it("[BN29] has pictures of what was measured alone", () => {
    const plots = plotsOf(caseRows([plan], [block]));
    expect(plots.map(({ file }) => file)).toEqual(["cpu-10.svg", "bytes.svg"]);
    for (const { svg } of plots) expect(svg).toContain("10 players @20");
  });
});
