import { FAULT_LIMITS } from "./limits.ts";
import { isObject } from "./members.ts";

/** Whom a fault strikes, as it was written. */
export type Target =
  | { readonly kind: "ordinal"; readonly ordinal: number }
  | { readonly kind: "id"; readonly id: string }
  /** One by chance, by the seed. */
  | { readonly kind: "any" }
  | { readonly kind: "all" };

/** As it is written: `2`, `some-id`, `any`, `all`, or `{id: all}` for an id that is one of these words. */
export function targetOf(value: unknown): Target | undefined {
  if (value === "any" || value === "all") return { kind: value };
  const id = isObject(value) && Object.keys(value).length === 1 ? value["id"] : value;
  if (typeof id === "string" && id !== "" && id.length <= FAULT_LIMITS.textCharsMax) {
    return { kind: "id", id };
  }
  if (!Number.isInteger(value) || (value as number) < 1) return undefined;
  return { kind: "ordinal", ordinal: value as number };
}

export function targetText(target: Target): string {
  if (target.kind === "ordinal") return String(target.ordinal);
  return target.kind === "id" ? target.id : target.kind;
}
