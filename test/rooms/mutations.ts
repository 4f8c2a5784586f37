/** Changes one thing at a time, for tests that ask whether a change is noticed. */

type Branch = Record<string, unknown>;

/**
 * Calls `check` once for every leaf below `root`, while that leaf alone has another value.
 * @param isSkipped - Tells which paths not to enter.
 * @returns How many leaves there were.
 */
export function withEachLeafChanged(
  root: object,
  isSkipped: (path: string) => boolean,
  check: (path: string) => void,
  path = "",
): number {
  let count = 0;
  const branch = root as Branch;
  for (const [key, value] of Object.entries(branch)) {
    const here = path === "" ? key : `${path}.${key}`;
    if (isSkipped(here)) continue;
    if (typeof value === "object" && value !== null) {
      count += withEachLeafChanged(value, isSkipped, check, here);
      continue;
    }
    branch[key] = another(value);
    check(here);
    branch[key] = value;
    count += 1;
  }
  return count;
}

function another(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return `${value}x`;
  if (typeof value === "number")
    return Number.isInteger(value) ? value + 1 : value * (1 + 2 ** -52);
  // What may be absent is either a number, a record of a seat, or the result: all start like this one.
  return undefined;
}
