/**
 * Makes `lib/`, what the npm package holds beside its pages; `npm pack` runs it first (docs/PACKAGE.md).
 * @module
 */
import path from "node:path";
import { writePackageTree } from "./package/package-tree.ts";

const LIB = path.join(import.meta.dirname, "../lib");

try {
  const { files, sizeBytes } = writePackageTree(LIB);
  // npm pack prints its own lines on standard output, which some read.
  console.error(`lib: ${files} files, ${sizeBytes >> 10} KB`);
} catch (error) {
  console.error(`cannot make the package: ${(error as Error).message}`);
  process.exitCode = 1;
}
