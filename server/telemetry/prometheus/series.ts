/**
 * The series of a metric. All of them are made with it: a counter that came with its first event would hide that event
 * from `rate()`, and what nobody can add to cannot grow.
 * @module
 */
import { OTHER } from "../catalogue/labels.ts";

/** Values of labels, in the order of the catalogue. Untrusted. */
export type LabelValues = readonly unknown[];

/** Series by the values of their labels, each of which is from a closed set. */
export class SeriesByLabels<Series> {
  readonly #sets: readonly ReadonlySet<string>[];
  readonly #series = new Map<string, Series>();

  /** @param make - Called once for each combination. */
  constructor(
    labels: Readonly<Record<string, readonly string[]>>,
    make: (labels: Readonly<Record<string, string>>) => Series,
  ) {
    const names = Object.keys(labels);
    const sets = Object.values(labels);
    this.#sets = sets.map((values) => new Set(values));
    for (const values of combinationsOf(sets)) {
      const given = Object.fromEntries(values.map((value, index) => [names[index], value]));
      this.#series.set(values.join("\n"), make(given));
    }
  }

  get all(): Iterable<Series> {
    return this.#series.values();
  }

  /**
   * A value that is not in its set stands for `other` where the set has that.
   * @returns `undefined` where it has not.
   */
  of(values: LabelValues): Series | undefined {
    if (this.#sets.length === 0) return this.#series.get("");
    const known = this.#sets.map((set, index) => knownValue(set, values[index]));
    return known.includes(undefined) ? undefined : this.#series.get(known.join("\n"));
  }
}

function knownValue(set: ReadonlySet<string>, value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && set.has(text)) return text;
  return set.has(OTHER) ? OTHER : undefined;
}

function combinationsOf(sets: readonly (readonly string[])[]): string[][] {
  return sets.reduce<string[][]>(
    (combinations, values) =>
      combinations.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  );
}
