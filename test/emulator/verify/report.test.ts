import { describe, expect, it } from "vitest";
import { OutputWatch } from "../../../emulator/verify/output-watch.ts";
import { type LifeRecord, reportLines, reportOn } from "../../../emulator/verify/report.ts";
import {
  broken,
  type Finding,
  kept,
  notChecked,
  type Rule,
  warning,
} from "../../../emulator/verify/rule.ts";
import type { Entry, LifeName } from "../../../emulator/verify/trace.ts";
import { TERMS } from "./scripted-stage.ts";

const COMMAND = ["node", "server.js"];

function life(name: LifeName, entries: readonly Entry[] = [], output: string[] = []): LifeRecord {
  return { trace: { life: name, terms: TERMS, entries }, output };
}

function rule(
  name: string,
  lives: readonly LifeName[],
  findings: Partial<Record<LifeName, Finding>>,
) {
  return {
    id: "V1",
    name,
    demand: `A server has ${name}.`,
    lives,
    judge: (reading) => findings[reading.trace.life] ?? kept("fine"),
  } satisfies Rule;
}

describe("a report", () => {
  it("[EY7] takes the worst that any life shows about a rule, and leaves out what none can show", () => {
    const both = rule("both", ["match", "idle"], { match: kept("fine"), idle: broken("bad") });
    const unseen = rule("unseen", ["dismissed"], {});
    const report = reportOn(COMMAND, [both, unseen], [life("match"), life("idle")]);
    expect(report.rules.map(({ name }) => name)).toEqual(["both"]);
    expect(report.rules[0]).toMatchObject({ verdict: "broken", life: "idle", seen: "bad" });
  });

  it("[EY7] is clean with warnings and rules that were not checked, and not with one that is broken", () => {
    const fine = rule("fine", ["match"], {});
    const odd = rule("odd", ["match"], { match: warning("odd") });
    const skipped = rule("skipped", ["match"], { match: notChecked("no --client was given") });
    const bad = rule("bad", ["match"], { match: broken("bad") });
    expect(reportOn(COMMAND, [fine, odd, skipped], [life("match")]).isClean).toBe(true);
    const report = reportOn(COMMAND, [fine, odd, skipped, bad], [life("match")]);
    expect(report.isClean).toBe(false);
    expect(report.counts).toEqual({ kept: 1, warning: 1, broken: 1, "not-checked": 1 });
  });

  it("[EY7] tells each rule with what was seen, and what was demanded where it is not kept", () => {
    const rules = [
      rule("fine", ["match"], {}),
      rule("bad", ["match"], { match: broken("no answer") }),
      rule("skipped", ["match"], { match: notChecked("no --client was given") }),
    ];
    const text = reportLines(reportOn(COMMAND, rules, [life("match")])).join("\n");
    expect(text).toMatch(/^ok +V1 fine +fine$/m);
    expect(text).toMatch(/^BROKEN +V1 bad +no answer\n +demanded: A server has bad\.$/m);
    expect(text).toMatch(/^not checked +V1 skipped +no --client was given$/m);
    expect(text).toContain("1 kept, 1 broken, 0 warnings, 1 not checked\nbroken: bad");
  });

  it("[EY8] shows the last lines of a server that ended by itself, and of no other", () => {
    const started: Entry = { atMs: 0, kind: "step", step: "start-server" };
    const exited: Entry = { atMs: 50, kind: "exited", code: 1, signal: null };
    const told: Entry = { atMs: 40, kind: "step", step: "terminate-process" };
    const note: Entry = { atMs: 41, kind: "note", text: "CreateGameSession was refused: full" };
    const lines = (entries: Entry[]) =>
      reportLines(reportOn(COMMAND, [], [life("match", entries, ["Error: the map is missing"])]));
    expect(lines([started, exited]).join("\n")).toContain(
      "the server ended by itself (exit code 1); its last lines:\n  | Error: the map is missing",
    );
    expect(lines([started, told, exited]).join("\n")).not.toContain("the map is missing");
    expect(lines([started, note]).join("\n")).toContain("CreateGameSession was refused: full");
  });
});

describe("a server's output", () => {
  const bytes = (text: string) => Buffer.from(text);

  it("[EY9] is searched for secrets, also those that come in pieces, and shown without them", () => {
    const found: string[] = [];
    const output = new OutputWatch((what) => found.push(what));
    output.mind("token-0123456789", "the auth token");
    output.add(bytes("connecting with token-01"));
    expect(found).toEqual([]);
    output.add(bytes("23456789\nlistening\n"));
    output.add(bytes("still here\n"));
    expect(found).toEqual(["the auth token"]);
    expect(output.lines()).toEqual(["connecting with ***", "listening", "still here"]);
  });

  it("[EY8] is kept as its last lines, of bounded length and without what a terminal would obey", () => {
    const output = new OutputWatch();
    for (let line = 0; line < 1_000; line++) output.add(bytes(`line ${line}\n`));
    output.add(bytes(`\u001b[31mred\u0007\u001b[0m ${"x".repeat(10_000)}`));
    const lines = output.lines();
    expect(lines.length).toBeLessThanOrEqual(41);
    expect(lines.at(-2)).toBe("line 999");
    expect(lines.at(-1)).toMatch(/^ red {2,3}x+$/);
    expect(lines.at(-1)?.length).toBeLessThanOrEqual(2_000);
  });
});
