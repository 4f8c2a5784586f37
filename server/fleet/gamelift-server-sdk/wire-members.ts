/**
 * Reads members of what the service sent: absent, null and of another type are alike, as the official SDKs have it.
 * @module
 */

/** Own members alone. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** `""` where there is none. */
export function textMember(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
}

/** `fallback` where there is none; the service sends whole numbers only. */
export function integerMember(value: unknown, name: string, fallback: number): number {
  const found = member(value, name);
  return Number.isSafeInteger(found) ? (found as number) : fallback;
}

/** Empty where there is none. */
export function listMember(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

/** Text members alone; empty where there is none. Without a prototype: keys come from outside. */
export function textMapMember(value: unknown, name: string): Readonly<Record<string, string>> {
  const found = member(value, name);
  const map: Record<string, string> = Object.create(null);
  if (typeof found !== "object" || found === null || Array.isArray(found)) return map;
  for (const [key, text] of Object.entries(found)) if (typeof text === "string") map[key] = text;
  return map;
}
