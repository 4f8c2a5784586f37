/**
 * Memory of an instance type, by the rule that AWS's names follow: so much for each virtual processor in a family, and
 * so many processors in a size.
 * @module
 */
const MEGABYTES_PER_PROCESSOR: Readonly<Record<string, number>> = { c: 2_048, m: 4_096, r: 8_192 };

/** Families whose members keep to it, with what may follow the generation. Others have numbers of their own. */
const FAMILY = /^([cmr])([5-9])(?:[agi]?d?|in|idn|gn|ad)$/;

/** @returns Megabytes, or `undefined` where the name does not say. */
export function memoryMegabytesOf(instanceType: string): number | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  const [, letter = ""] = FAMILY.exec(family) ?? [];
  const processors = processorsOf(size);
  const each = MEGABYTES_PER_PROCESSOR[letter];
  return each === undefined || processors === undefined ? undefined : each * processors;
}

function processorsOf(size: string): number | undefined {
  if (size === "medium") return 1;
  if (size === "large") return 2;
  const [, times = "1"] = /^(\d{0,2})xlarge$/.exec(size) ?? [undefined, "none"];
  const count = times === "" ? 1 : Number(times);
  return Number.isInteger(count) && count > 0 ? 4 * count : undefined;
}
