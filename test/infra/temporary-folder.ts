import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** A folder that is gone with the test that made it. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
  return {
    folder,
    /** @returns The file's path. */
    write(name: string, text: string): string {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose](): void {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
