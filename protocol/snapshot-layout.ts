/**
 * What snapshots are made of: kinds of entities, and the numbers of each. A game says it (`rooms/simulation.ts` has the
 * same shapes), a client is told it with its welcome, so that both sides read the same bytes.
 * @module
 */

/** One number of an entity. */
export interface SnapshotField {
  readonly name: string;
  /**
   * Values are whole multiples of it, counted from `min`. Where `max - min` is no whole multiple they are that many
   * nearer to each other that `max` is reached exactly.
   */
  readonly step: number;
  readonly min: number;
  readonly max: number;
  /** `max` is the same place as `min`. */
  readonly wraps?: boolean;
  /** Name of the field of the same kind that is its change per second. */
  readonly rate?: string;
  /** Its change per tick, whole steps. */
  readonly drift?: number;
}

/** Entities that are alike. */
export interface SnapshotKind {
  readonly name: string;
  /** 1 to 16. */
  readonly fields: readonly SnapshotField[];
  /** Names of the two fields that say where it is, metres. */
  readonly place: readonly [x: string, y: string];
}

/** At most 8 kinds. */
export type SnapshotLayout = readonly SnapshotKind[];

const KINDS_MAX = 8;
const FIELDS_MAX = 16;
/** Of one field, between `min` and `max`. */
const STEPS_MAX = 2 ** 24;
/** How many steps `min` and `max` may be from 0, so that a double holds every value to a small part of a step. */
const STEPS_FROM_ZERO_MAX = 2 ** 40;
const STEP_MIN = 1e-9;
const TICK_RATE_HZ_MIN = 10;
const TICK_RATE_HZ_MAX = 128;
/** Of one kind at one time. */
export const ENTITIES_MAX = 65_536;

/** What a quotient may be above a whole number and still count as it: 0.3 / 0.1 is 2.9999999999999996. */
export const WHOLE_TOLERANCE = 1e-6;

/**
 * @param layout - Of a game, or out of a welcome, where it may be anything.
 * @returns What is wrong with it, a sentence; `undefined` if nothing is.
 */
export function snapshotLayoutFault(layout: unknown): string | undefined {
  if (!Array.isArray(layout)) return "A snapshot layout is a list of kinds.";
  if (layout.length < 1 || layout.length > KINDS_MAX) {
    return `A snapshot layout has 1 to ${KINDS_MAX} kinds, not ${layout.length}.`;
  }
  const names = new Set<string>();
  for (const kind of layout as unknown[]) {
    const fault = kindFault(kind);
    if (fault !== undefined) return fault;
    const { name } = kind as SnapshotKind;
    if (names.has(name)) return `Two kinds of the snapshot layout are called ${name}.`;
    names.add(name);
  }
  return undefined;
}

/** @returns As {@link snapshotLayoutFault}, of the layout and the rate together. */
export function snapshotStreamFault(layout: unknown, tickRateHz: unknown): string | undefined {
  const isRate =
    Number.isInteger(tickRateHz) &&
    (tickRateHz as number) >= TICK_RATE_HZ_MIN &&
    (tickRateHz as number) <= TICK_RATE_HZ_MAX;
  if (isRate) return snapshotLayoutFault(layout);
  return `A tick rate is a whole number of ${TICK_RATE_HZ_MIN} to ${TICK_RATE_HZ_MAX} per second.`;
}

function kindFault(kind: unknown): string | undefined {
  if (!isRecord(kind)) return "A kind of a snapshot layout is an object.";
  const { name, fields, place } = kind as Partial<SnapshotKind>;
  if (!isName(name)) return "The name of a kind is 1 to 32 letters and digits.";
  if (!Array.isArray(fields) || fields.length < 1 || fields.length > FIELDS_MAX) {
    return `Kind ${name} needs a list of 1 to ${FIELDS_MAX} fields.`;
  }
  const known = new Map<string, SnapshotField>();
  for (const field of fields as unknown[]) {
    const fault = fieldFault(field);
    if (fault !== undefined) return `Kind ${name}: ${fault}`;
    const { name: fieldName } = field as SnapshotField;
    if (known.has(fieldName)) return `Kind ${name} has two fields called ${fieldName}.`;
    known.set(fieldName, field as SnapshotField);
  }
  for (const { name: fieldName, rate } of known.values()) {
    const fault = rate === undefined ? undefined : rateFault(rate, known);
    if (fault !== undefined) return `Kind ${name}: the rate of ${fieldName} ${fault}`;
  }
  const isPlace =
    Array.isArray(place) &&
    place.length === 2 &&
    place[0] !== place[1] &&
    place.every((axis) => known.has(axis));
  return isPlace ? undefined : `Kind ${name}: place names two of its fields, x and y.`;
}

function rateFault(rate: unknown, known: ReadonlyMap<string, SnapshotField>): string | undefined {
  const field = known.get(rate as string);
  if (field === undefined) return "is the name of a field of the same kind.";
  return field.rate === undefined ? undefined : "is a field that has no rate itself.";
}

function fieldFault(field: unknown): string | undefined {
  if (!isRecord(field)) return "a field is an object.";
  const { name, step, min, max, wraps, rate, drift } = field as Partial<SnapshotField>;
  if (!isName(name)) return "the name of a field is 1 to 32 letters and digits.";
  if (!isFiniteNumber(step) || step < STEP_MIN)
    return `the step of ${name} is ${STEP_MIN} or more.`;
  if (!isFiniteNumber(min) || !isFiniteNumber(max))
    return `min and max of ${name} are finite numbers.`;
  const steps = (max - min) / step;
  const stepsMin = wraps === true ? 2 : 1;
  if (!(steps >= stepsMin - WHOLE_TOLERANCE && steps <= STEPS_MAX)) {
    return `max of ${name} is ${stepsMin} to 2^24 steps above min.`;
  }
  if (Math.max(Math.abs(min), Math.abs(max)) / step > STEPS_FROM_ZERO_MAX) {
    return `min and max of ${name} are at most 2^40 steps from 0.`;
  }
  if (wraps !== undefined && typeof wraps !== "boolean") return `wraps of ${name} is a boolean.`;
  if (drift === undefined) return undefined;
  if (rate !== undefined) return `${name} has a rate or a drift, not both.`;
  const isDrift = Number.isInteger(drift) && Math.abs(drift) <= STEPS_MAX;
  return isDrift ? undefined : `the drift of ${name} is a whole number of steps, at most 2^24.`;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9]{1,32}$/.test(value);
}
