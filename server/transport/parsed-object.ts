/**
 * Reads a stranger's JSON object. Nothing downstream is handed a key that reaches into prototypes.
 * @returns `{}` for an empty text, `undefined` for anything that is no object.
 */
export function parsedObject(json: string): Readonly<Record<string, unknown>> | undefined {
  if (json === "") return {};
  try {
    const value: unknown = JSON.parse(json, (key, item: unknown) =>
      key === "__proto__" || key === "constructor" ? undefined : item,
    );
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
