/**
 * What a line of CloudWatch's embedded metric format may hold, as its specification has it; the figures are those of AWS's
 * own library, aws-embedded-metrics 4.2.1.
 * @module
 */

const DAY_MS = 86_400_000;
const EMF_RULES = {
  dimensionsMax: 30,
  metricsMax: 100,
  valuesMax: 100,
  namespaceCharsMax: 256,
  nameCharsMax: 1_024,
  dimensionNameCharsMax: 250,
  dimensionValueCharsMax: 1_024,
  lineBytesMax: 262_144,
  pastMs: 14 * DAY_MS,
  futureMs: 2 * 3_600_000,
};

const SIZES = ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"];
const BITS = ["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"];
const UNITS: ReadonlySet<unknown> = new Set([
  ...["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"],
  ...[...SIZES, ...BITS].flatMap((unit) => [unit, `${unit}/Second`]),
]);

/** An id there would be a metric of its own that is paid for. */
const ID = /session|player|process|compute|ticket|placement|\bpid\b/i;

export interface EmfRecord {
  readonly _aws: {
    readonly Timestamp: number;
    readonly LogGroupName?: string;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** @param nowMs - Milliseconds since 1970. @returns The record, unless it is no JSON object, and a sentence for each violation. */
export function readEmfLine(
  line: string,
  nowMs: number,
): { record: EmfRecord | undefined; problems: string[] } {
  if (Buffer.byteLength(line) > EMF_RULES.lineBytesMax) {
    return { record: undefined, problems: [`a line of ${Buffer.byteLength(line)} bytes`] };
  }
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return { record: undefined, problems: ["no JSON"] };
  }
  if (!isObject(record)) return { record: undefined, problems: ["no JSON object"] };
  const problems: string[] = [];
  const metadata = record["_aws"];
  if (!isObject(metadata)) return { record: undefined, problems: ["no _aws"] };
  checkTimestamp(metadata["Timestamp"], nowMs, problems);
  const directives = metadata["CloudWatchMetrics"];
  if (!Array.isArray(directives) || directives.length === 0) problems.push("no CloudWatchMetrics");
  else for (const directive of directives) checkDirective(record, directive, problems);
  return { record: problems.length === 0 ? (record as EmfRecord) : undefined, problems };
}

function checkTimestamp(timestamp: unknown, nowMs: number, problems: string[]): void {
  if (!Number.isInteger(timestamp)) problems.push("a Timestamp that is no integer");
  else if (Number(timestamp) < nowMs - EMF_RULES.pastMs) problems.push("a Timestamp too far back");
  else if (Number(timestamp) > nowMs + EMF_RULES.futureMs) problems.push("a Timestamp to come");
}

function checkDirective(
  record: Record<string, unknown>,
  directive: unknown,
  problems: string[],
): void {
  if (!isObject(directive)) {
    problems.push("a directive that is no object");
    return;
  }
  const { Namespace: namespace, Dimensions: sets, Metrics: definitions } = directive;
  if (!isText(namespace, EMF_RULES.namespaceCharsMax)) problems.push("no Namespace");
  if (!Array.isArray(sets) || sets.length === 0) problems.push("no Dimensions");
  else for (const set of sets) checkDimensions(record, set, problems);
  if (!Array.isArray(definitions) || definitions.length === 0) problems.push("no Metrics");
  else {
    if (definitions.length > EMF_RULES.metricsMax) problems.push("too many metrics");
    for (const definition of definitions) checkMetric(record, definition, problems);
  }
}

function checkDimensions(record: Record<string, unknown>, set: unknown, problems: string[]): void {
  if (!Array.isArray(set) || set.length > EMF_RULES.dimensionsMax) {
    problems.push("a set of dimensions that is none");
    return;
  }
  if (new Set(set).size !== set.length) problems.push("a dimension twice");
  for (const key of set) {
    if (!isText(key, EMF_RULES.dimensionNameCharsMax)) problems.push("a dimension without a name");
    else if (ID.test(key)) problems.push(`an id as a dimension: ${key}`);
    else if (!isText(record[key], EMF_RULES.dimensionValueCharsMax)) {
      problems.push(`no text for dimension ${key}`);
    }
  }
}

function checkMetric(
  record: Record<string, unknown>,
  definition: unknown,
  problems: string[],
): void {
  if (!isObject(definition) || !isText(definition["Name"], EMF_RULES.nameCharsMax)) {
    problems.push("a metric without a name");
    return;
  }
  const name = String(definition["Name"]);
  const unit = definition["Unit"];
  if (unit !== undefined && !UNITS.has(unit)) problems.push(`${name} in ${String(unit)}`);
  const value = record[name];
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0 || values.length > EMF_RULES.valuesMax) {
    problems.push(`${values.length} values of ${name}`);
  }
  if (!values.every((each) => typeof each === "number" && Number.isFinite(each))) {
    problems.push(`a value of ${name} that is no number`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown, charsMax: number): boolean {
  return typeof value === "string" && value !== "" && value.length <= charsMax;
}
