/**
 * What a project's rooms get for `@colyseus/core`: the server's own copy behind its guard, however they are bundled.
 * @module
 */

/** How a project may name it. */
const CORE_NAMES: ReadonlySet<string> = new Set(["@colyseus/core", "colyseus"]);

/** What an import of a project's rooms means for Colyseus's core. */
export type CoreImport = "guarded" | { readonly refused: string } | "another package";

export function coreImport(specifier: string): CoreImport {
  if (CORE_NAMES.has(specifier)) return "guarded";
  return specifier.startsWith("@colyseus/core/")
    ? { refused: `${specifier} is Colyseus's own inside; import from "@colyseus/core"` }
    : "another package";
}

/**
 * The module that stands in for it.
 * @param core - Where `@colyseus/core` is found, as a module names it.
 * @param guard - The same of `fleet-guard.ts`.
 */
export function guardedCoreText(core: string, guard: string): string {
  return [
    `export * from ${JSON.stringify(core)};`,
    `export { Server, defineServer, matchMaker } from ${JSON.stringify(guard)};`,
  ].join("\n");
}
