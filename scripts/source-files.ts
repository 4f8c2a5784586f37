/**
 * Where the project's own files are: TypeScript in a clone, the same tree as built JavaScript in the npm package.
 * @module
 */
import path from "node:path";

/** The folder with package.json's parts: `server/`, `rooms/`, `infra/` and so on. */
export const ROOT = path.join(import.meta.dirname, "..");

const EXTENSION = path.extname(import.meta.filename);

/** Whether this is the package: what a person types is then `fleetroom`, and not `npm run`. */
export const IS_PACKAGE = EXTENSION === ".js";

/** @param name - A source file as the clone has it, such as `server/main.ts`. */
export function sourceFile(name: string): string {
  return path.join(ROOT, name.replace(/\.ts$/, EXTENSION));
}
