import { FAULT_LIMITS } from "./limits.ts";
import { isObject, list, type Rule } from "./members.ts";
import { type Target, targetOf } from "./target.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A time such as `250ms`, `5s`, `2m` or `1h`, read as milliseconds; a number alone would not say of what. */
export function duration(msMax: number): Rule<number> {
  return {
    allowed: `a time such as 250ms, 5s, 2m or 1h, at most ${msMax / 1_000}s`,
    read(value) {
      const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(String(value));
      if (typeof value !== "string" || match === null) return undefined;
      const ms = Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
      return ms <= msMax ? ms : undefined;
    },
  };
}

export function integer(min: number, max: number): Rule<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    read: (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? (value as number)
        : undefined,
  };
}

export function choice<const T extends string>(names: readonly T[]): Rule<T> {
  return {
    allowed: `one of ${list(names)}`,
    read: (value) => names.find((name) => name === value),
  };
}

export function text(charsMax: number = FAULT_LIMITS.textCharsMax): Rule<string> {
  return {
    allowed: `a text of 1 to ${charsMax} characters`,
    read: (value) =>
      typeof value === "string" && value.length > 0 && value.length <= charsMax ? value : undefined,
  };
}

/** JSON as a text, or the object that it stands for. */
export function json(charsMax: number): Rule<string> {
  return {
    allowed: `an object, or a text that holds one as JSON, of at most ${charsMax} characters`,
    read(value) {
      const written = isObject(value) ? JSON.stringify(value) : value;
      if (typeof written !== "string" || written.length > charsMax) return undefined;
      try {
        return isObject(JSON.parse(written)) ? written : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** One of what there is, or some. @param mayBeAll - Whether `all` is allowed. */
export function target(mayBeAll: boolean): Rule<Target> {
  return {
    allowed: `an ordinal (1 is the first there was), an id, any${mayBeAll ? " or all" : ""}`,
    read(value) {
      const read = targetOf(value);
      return read?.kind === "all" && !mayBeAll ? undefined : read;
    },
  };
}

/** One of what there is, and no other. */
export const named: Rule<Target> = {
  allowed: "an ordinal (1 is the first there was) or an id",
  read(value) {
    const read = targetOf(value);
    return read?.kind === "ordinal" || read?.kind === "id" ? read : undefined;
  },
};
