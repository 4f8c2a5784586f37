import { SCHEMA_VERSION_CHARS_MAX } from "../../protocol/control.ts";

/** @returns Which schema of the state a client says it was built for, `""` if it says none. */
export function schemaVersionOf(options: Readonly<Record<string, unknown>>): string {
  const { schemaVersion } = options;
  return typeof schemaVersion === "string" && schemaVersion.length <= SCHEMA_VERSION_CHARS_MAX
    ? schemaVersion
    : "";
}
