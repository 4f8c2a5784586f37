/**
 * Reads a scenario: what goes wrong, and when. JSON is YAML, too, and is read as such.
 *
 *     seed: 7              # optional; decides what `any` chooses
 *     steps:
 *       - at: 5s           # since the start of the scenario
 *         fault: cut       # one of the table of faults, with its members
 *         process: 1
 *
 * @module
 */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { FaultOrder } from "./fault.ts";
import { readFault } from "./fault-table.ts";
import { FAULT_LIMITS } from "./limits.ts";
import { duration, integer } from "./member-kinds.ts";
import {
  isObject,
  type Mistake,
  optional,
  type Path,
  pathText,
  type Rule,
  readMembers,
  shown,
} from "./members.ts";

interface ScenarioStep {
  /** Since the start of the scenario. */
  readonly atMs: number;
  readonly order: FaultOrder;
}

export interface ScenarioFile {
  /** `undefined` leaves `any` to chance. */
  readonly seed: number | undefined;
  /** By time; steps of the same time as they were written. */
  readonly steps: readonly ScenarioStep[];
}

const steps: Rule<readonly unknown[]> = {
  allowed: `a list of 1 to ${FAULT_LIMITS.stepsMax} steps`,
  read: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= FAULT_LIMITS.stepsMax
      ? value
      : undefined,
};
const SCENARIO = { seed: optional(integer(0, 2 ** 32 - 1), undefined), steps };
const STEP = { at: duration(FAULT_LIMITS.atMsMax) };

type Read =
  | { readonly scenario: ScenarioFile }
  /** A line each, with the file's name, the line in it and the path of the member. */
  | { readonly mistakes: readonly string[] };

/** Reads the text of a scenario file, and tells every mistake in it. @param name - The file's, for mistakes. */
export function readScenario(text: string, name: string): Read {
  if (text.length > FAULT_LIMITS.scenarioBytesMax) {
    return { mistakes: [`${name}: has more than ${FAULT_LIMITS.scenarioBytesMax} characters`] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    return bounded(
      broken.map(({ message, pos }) => `${name}:${lines.linePos(pos[0]).line}: ${message}`),
    );
  }
  const mistakes: Mistake[] = [];
  const scenario = scenarioOf(plainValue(document), mistakes);
  if (scenario !== undefined) return { scenario };
  return bounded(
    mistakes.map((mistake) => {
      const place = `${name}:${lineOf(mistake.path, document, lines)}:`;
      return [place, pathText(mistake.path), mistake.text].filter((each) => each !== "").join(" ");
    }),
  );
}

function plainValue(document: Document): unknown {
  try {
    // An alias can stand for another a thousand times over; no scenario needs one.
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return "a document with aliases";
  }
}

function scenarioOf(value: unknown, mistakes: Mistake[]): ScenarioFile | undefined {
  if (!isObject(value)) {
    const allowed = "allowed is an object with the members seed and steps, without aliases";
    mistakes.push({ path: [], text: `the document is ${shown(value)}; ${allowed}` });
    return undefined;
  }
  const read = readMembers(value, SCENARIO, [], mistakes);
  const given = SCENARIO.steps.read(value["steps"]) ?? [];
  const orders = given.map((step, index) => stepOf(step, ["steps", index], mistakes));
  if (read === undefined || mistakes.length > 0) return undefined;
  const inOrder = orders.filter((step) => step !== undefined);
  return { seed: read.seed, steps: inOrder.sort((a, b) => a.atMs - b.atMs) };
}

function stepOf(step: unknown, path: Path, mistakes: Mistake[]): ScenarioStep | undefined {
  if (!isObject(step)) {
    mistakes.push({
      path,
      text: `is ${shown(step)}; allowed is an object with at, fault and more`,
    });
    return undefined;
  }
  const { at, ...fault } = step;
  const read = readMembers(at === undefined ? {} : { at }, STEP, path, mistakes);
  const order = readFault(fault, path, mistakes);
  return read && order && { atMs: read.at, order };
}

/** The line of the member, or of the innermost thing around it that is there; the first is 1. */
function lineOf(path: Path, document: Document, lines: LineCounter): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function bounded(mistakes: readonly string[]): Read {
  const { mistakesMax } = FAULT_LIMITS;
  if (mistakes.length <= mistakesMax) return { mistakes };
  const more = `and ${mistakes.length - mistakesMax} more mistakes`;
  return { mistakes: [...mistakes.slice(0, mistakesMax), more] };
}
