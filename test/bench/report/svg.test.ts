import { describe, expect, it } from "vitest";
import type { MatchCase } from "../../../bench/cases/match-case.ts";
import { SIDE_NAMES } from "../../../bench/cases/match-lines.ts";
import { caseRows } from "../../../bench/report/case-table.ts";
import { plotsOf } from "../../../bench/report/plots.ts";
import { barChart, escaped } from "../../../bench/report/svg.ts";
import type { Side } from "../../../bench/subjects/match-subject.ts";
import { blockOf } from "../../support/bench-windows.ts";

const ours = { name: "ours", colour: "#3b8ec2" };
const peer = { name: "peer & co", colour: "#c2703d" };
const chart = {
  title: 'a <b> & "c"',
  unit: "ms",
  digits: 1,
  series: [ours, peer],
  groups: [
    {
      label: "10 < 20",
      bars: [
        { series: ours, value: 10, low: 8, high: 12 },
        { series: peer, value: 40, low: 40, high: 40 },
      ],
    },
  ],
};

/** Whether every tag is closed by its own, and no character of markup is left over. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name = "", rest = ""] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
    if (close === "/") {
      if (open.pop() !== name) return false;
    } else if (!rest.endsWith("/")) open.push(name);
  }
  return open.length === 0 && !/[<>]/.test(svg.replaceAll(/<[^<>]*>/g, ""));
}

describe("a picture", () => {
  it("[BN28] is well-formed whatever its words are", () => {
    expect(escaped(`<a href="x">'&`)).toBe("&#60;a href=&#34;x&#34;&#62;&#39;&#38;");
    const svg = barChart(chart);
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).not.toMatch(/&(?!#\d+;)/);
  });

  it("[BN28] has bars as long as their values, and whiskers where there is a spread", () => {
    const svg = barChart(chart);
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)" height="12"/g)].map((match) =>
      Number(match[1]),
    );
    expect(widths).toHaveLength(2);
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(4, 1);
    expect(svg.match(/<path /g)).toHaveLength(1);
  });

  it("[BN28] has no ground of its own and no colour that a light or a dark page swallows", () => {
    const sides = Object.keys(SIDE_NAMES) as Side[];
    const beside = Object.fromEntries(sides.map((side) => [side, 1]));
    const plan: MatchCase = {
      id: "10@20",
      title: "10 players @20",
      settings: { players: 10, npcs: 0, tickRateHz: 20 },
      peer: undefined,
      beside,
      rounds: 1,
      blocks: 1,
    };
    const cpu = Object.fromEntries(sides.map((side) => [side, 100]));
    const [plot] = plotsOf(caseRows([plan], [blockOf("10@20", [cpu])]));
    const svg = plot?.svg ?? "";
    const colours = new Set([...svg.matchAll(/"#([0-9a-f]{6})"/g)].map((match) => match[1]));
    expect(svg.match(/<rect [^>]*height="12"/g)?.length).toBeGreaterThanOrEqual(sides.length);
    expect(colours.size).toBeGreaterThanOrEqual(8);
    for (const colour of colours) {
      const parts = colour?.match(/../g)?.map((part) => Number.parseInt(part, 16)) ?? [];
      const [red = 0, green = 0, blue = 0] = parts;
      const light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
      expect(light).toBeGreaterThan(0.35);
      expect(light).toBeLessThan(0.65);
    }
  });
});
