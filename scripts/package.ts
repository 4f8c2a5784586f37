/**
 * Makes `lib/`, what the npm package holds beside its pages; `npm pack` runs it first, and last with `--remove`, so that no
 * old tree lies about (docs/PACKAGE.md).
 * @module
 */
import { rmSync } from "node:fs";
import path from "node:path";
import { writePackageTree } from "./package/package-tree.ts";

const LIB = path.join(import.meta.dirname, "../lib");

if (process.argv.includes("--remove")) rmSync(LIB, { recursive: true, force: true });
else writeTree();

function writeTree(): void {
  try {
    const { files, sizeBytes } = writePackageTree(LIB);
    // npm pack prints its own lines on standard output, which some read.
    console.error(`lib: ${files} files, ${sizeBytes >> 10} KB`);
  } catch (error) {
    console.error(`cannot make the package: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
