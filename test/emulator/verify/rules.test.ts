import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Reading } from "../../../emulator/verify/reading.ts";
import type { Finding } from "../../../emulator/verify/rule.ts";
import { EVERY_RULE } from "../../../emulator/verify/rules/every-rule.ts";
import type { Trace } from "../../../emulator/verify/trace.ts";
import { LINK_AND_END_CASES } from "./link-and-end-changes.ts";
import { PLAYER_CASES } from "./player-changes.ts";
import { SERVER_CASES } from "./server-changes.ts";
import { clean, isStep, lives, until } from "./wrong-lives.ts";

const CASES = [...SERVER_CASES, ...PLAYER_CASES, ...LINK_AND_END_CASES];

function judge(name: string, trace: Trace): Finding {
  const rule = EVERY_RULE.find((each) => each.name === name);
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  return rule.judge(new Reading(trace));
}

describe("a rule", () => {
  it.each(CASES)("[EY1] $rule is not kept by a server that $how", (one) => {
    const { rule, change, life = "match", verdict = "broken" } = one;
    const finding = judge(rule, change(clean(life)));
    expect(finding.verdict, finding.seen).toBe(verdict);
  });

  it("[EY1] of each name has a server in this table that does not keep it", () => {
    const shown = new Set(CASES.map(({ rule }) => rule));
    expect(EVERY_RULE.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it("[EY1] has an id and a name of its own, which stay, and says what it demands", () => {
    expect(EVERY_RULE.map(({ id }) => id)).toEqual(EVERY_RULE.map((_, index) => `V${index + 1}`));
    expect(new Set(EVERY_RULE.map(({ name }) => name)).size).toBe(EVERY_RULE.length);
    for (const { name, demand } of EVERY_RULE) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(demand).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("[EY3] is kept by the recorded lives of a server that is right in everything", () => {
    const wrong = lives.flatMap((trace) =>
      EVERY_RULE.filter((rule) => rule.lives.includes(trace.life))
        .map((rule) => ({ name: rule.name, verdict: rule.judge(new Reading(trace)).verdict }))
        .filter(({ verdict }) => verdict !== "kept"),
    );
    expect(wrong).toEqual([{ name: "asks-backfill-properly", verdict: "not-checked" }]);
  });

  it("[EY4] judges a life that was cut off anywhere, and blames no later rule for it", () => {
    for (const trace of lives) {
      for (let length = 0; length <= trace.entries.length; length++) {
        const entries = trace.entries.slice(0, length);
        for (const rule of EVERY_RULE.filter(({ lives: names }) => names.includes(trace.life)))
          expect(rule.judge(new Reading({ ...trace, entries })).seen).not.toBe("");
      }
    }
    const begun = until(isStep("start-server"))(clean("match"));
    const blamed = EVERY_RULE.filter(
      (rule) => rule.lives.includes("match") && rule.judge(new Reading(begun)).verdict === "broken",
    );
    expect(blamed.map(({ name }) => name)).toEqual(["connects-in-time"]);
  });

  it("[EY4] about players is not checked without a client", () => {
    const { terms, ...match } = clean("match");
    const entries = match.entries.filter(({ kind }) => !kind.startsWith("client"));
    const trace = { ...match, terms: { ...terms, hasClient: false }, entries };
    const unchecked = EVERY_RULE.filter(
      (rule) =>
        rule.lives.includes("match") && rule.judge(new Reading(trace)).seen.includes("--client"),
    );
    expect(unchecked.map(({ id }) => id)).toEqual([
      "V14",
      "V15",
      "V16",
      "V17",
      "V18",
      "V19",
      "V20",
      "V21",
      "V22",
      "V29",
    ]);
  });
});

describe("docs/VERIFY.md", () => {
  it("[EY11] says what every rule demands", () => {
    const page = readFileSync(new URL("../../../docs/VERIFY.md", import.meta.url), "utf8");
    const missing = EVERY_RULE.filter(
      ({ id, name, demand }) => !page.includes(`| ${id} | \`${name}\` | ${demand} |`),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
