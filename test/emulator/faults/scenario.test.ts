import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../../../emulator/faults/fault-table.ts";
import { FAULT_LIMITS } from "../../../emulator/faults/limits.ts";
import { readScenario } from "../../../emulator/faults/scenario-file.ts";
import { FaultWorld } from "./fault-world.ts";

const EXAMPLE = new URL("../../../emulator/examples/scenario.yaml", import.meta.url);

function mistakesOf(text: string): readonly string[] {
  const read = readScenario(text, "night.yaml");
  return "mistakes" in read ? read.mistakes : [];
}

describe("a scenario file", () => {
  it("[EX1] may be YAML or JSON, and its steps come in the order of their times", () => {
    const yaml = "steps:\n  - {at: 2s, fault: clear}\n  - {at: 250ms, fault: cut, process: 1}\n";
    const json = '{\n\t"steps": [\n\t\t{"at": "1.5m", "fault": "clear"}\n\t]\n}\n';
    const orders = [yaml, json].map((text) => {
      const read = readScenario(text, "night.yaml");
      return "scenario" in read
        ? read.scenario.steps.map(({ atMs, order }) => [atMs, order.name])
        : read.mistakes;
    });
    expect(orders).toEqual([
      [
        [250, "cut"],
        [2_000, "clear"],
      ],
      [[90_000, "clear"]],
    ]);
  });

  it("[EX2] is told every mistake at once, with its line, its path and what is allowed", () => {
    const text = [
      "seed: -1",
      "colour: red",
      "steps:",
      "  - at: 5",
      "    fault: cut",
      "    process: 0",
      "    how: gently",
      "  - fault: slow",
      "    process: any",
      "    bye: 3s",
      "  - at: 1s",
      "    fault: explode",
      "  - 7",
    ].join("\n");
    const kinds = Object.keys(FAULT_KINDS).join(", ");
    const times = "a time such as 250ms, 5s, 2m or 1h, at most";
    expect(mistakesOf(text)).toEqual([
      "night.yaml:2: colour is not known; known are seed, steps",
      "night.yaml:1: seed is -1; allowed is a whole number from 0 to 4294967295",
      `night.yaml:4: steps[0].at is 5; allowed is ${times} 86400s`,
      "night.yaml:6: steps[0].process is 0; allowed is an ordinal (1 is the first there was), an id, any or all",
      'night.yaml:7: steps[0].how is "gently"; allowed is one of reset, close',
      `night.yaml:8: steps[1].at is missing; allowed is ${times} 86400s`,
      "night.yaml:10: steps[1].bye is not known; known are process, fleet, compute, by, action, times, for",
      `night.yaml:8: steps[1].by is missing; allowed is ${times} 600s`,
      `night.yaml:12: steps[2].fault is "explode"; allowed is one of ${kinds}`,
      "night.yaml:13: steps[3] is 7; allowed is an object with at, fault and more",
    ]);
  });

  it.each([
    ["no steps", "seed: 1\n", /^night.yaml:1: steps is missing; allowed is a list of 1 to 1000/],
    ["nothing", "", /^night.yaml:1: the document is null; allowed is an object/],
    ["a list", "- 1\n", /^night.yaml:1: the document is a list/],
    ["a key twice", "steps: []\nsteps: []\n", /^night.yaml:2: Map keys must be unique/],
    ["what is no YAML", "steps:\n  - {at: 5s\n", /^night.yaml:\d: /],
    ["aliases", "a: &a 1\nsteps: *a\n", /aliases/],
    ["a second document", "steps: []\n---\nsteps: []\n", /^night.yaml:2: /],
    ["more than 256 KB", `# ${"x".repeat(300_000)}`, /has more than 262144 characters/],
  ])("[EX2] with %s is refused in words", (_what, text, words) => {
    expect(mistakesOf(text)[0]).toMatch(words);
  });

  it("[EX2] with more mistakes than anybody reads is told the first fifty and how many more", () => {
    const steps = Array.from({ length: 60 }, () => "  - {at: 1s, fault: nothing}");
    const mistakes = mistakesOf(`steps:\n${steps.join("\n")}`);
    expect(mistakes).toHaveLength(FAULT_LIMITS.mistakesMax + 1);
    expect(mistakes.at(-1)).toBe("and 10 more mistakes");
  });

  it("[EX1] that comes as an example is right", () => {
    const read = readScenario(readFileSync(EXAMPLE, "utf8"), "scenario.yaml");
    expect(read).toHaveProperty("scenario");
  });
});

describe("a scenario", () => {
  const STEPS = [
    { at: "5s", fault: "cut", process: 1 },
    { at: "5s", fault: "refresh", process: 1 },
    { at: "2s", fault: "half-open", process: 2 },
    { at: "7s", fault: "kill", process: 9 },
    { at: "8s", fault: "clear" },
  ];

  it("[EX1] carries its steps out at their times by the clock, and [EX5] tells each, the failed one with its reason", () => {
    const world = new FaultWorld();
    world.ready("first");
    world.ready("second");
    world.start({ steps: STEPS });
    world.clock.advance(1_999);
    expect(world.told).toEqual([]);
    world.clock.advance(1);
    expect(world.told).toEqual(["cut: half-open"]);
    world.clock.advance(3_000);
    expect(world.told).toEqual(["cut: half-open", "cut: reset", "refresh"]);
    world.clock.advance(3_000);
    expect(world.told.slice(3)).toEqual([
      "kill failed: server process 9 is not there yet; there were 2",
      "clear: 0 ended",
    ]);
    expect(world.cuts.map(({ processId, how }) => [processId, how.kind])).toEqual([
      ["second", "half-open"],
      ["first", "reset"],
    ]);
  });

  it("[EX1] that is ended carries out nothing more, and what stands ends with it", () => {
    const world = new FaultWorld();
    const process = world.ready("first");
    world.done({ fault: "silence", process: 1 });
    world.start({ steps: STEPS });
    world.faults.close();
    world.clock.advance(60_000);
    expect(world.cuts).toEqual([]);
    expect(world.answer("HeartbeatServerProcess", process).lost).toBeUndefined();
  });

  it("[EX4] chooses the same for the same seed, whatever is ordered by hand meanwhile", () => {
    const steps = Array.from({ length: 12 }, (_, index) => ({
      at: `${index + 1}s`,
      fault: "cut",
      process: "any",
    }));
    const chosen = (seed: number, isDisturbed: boolean) => {
      const world = new FaultWorld();
      for (const name of ["a", "b", "c", "d"]) world.ready(name);
      world.start({ seed, steps });
      for (let second = 0; second < 12; second++) {
        if (isDisturbed) world.done({ fault: "refresh", process: "any" });
        world.clock.advance(1_000);
      }
      return world.cuts.map(({ processId }) => processId).join("");
    };
    expect(chosen(7, true)).toBe(chosen(7, false));
    expect(chosen(8, false)).not.toBe(chosen(7, false));
    expect(new Set(chosen(7, false)).size).toBeGreaterThan(2);
  });
});
