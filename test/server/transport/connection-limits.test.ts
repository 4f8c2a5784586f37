import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { connectionLimits, openFilesMax } from "../../../server/transport/connection-limits.ts";

const MODULE = fileURLToPath(
  new URL("../../../server/transport/connection-limits.ts", import.meta.url),
);

describe("the connections of the game port", () => {
  it.each([
    [Number.POSITIVE_INFINITY, 4096, 3072],
    [20_000, 4096, 3072],
    [1_024, 928, 696],
    [256, 160, 120],
    // It would rather run out than be closed to all.
    [64, 32, 24],
  ])(
    "[TP42] leave descriptors for everything else: of %d they may be %d, %d of them silent",
    (files, connectionsMax, waitingMax) => {
      expect(connectionLimits(files)).toEqual({ connectionsMax, waitingMax });
    },
  );

  it.skipIf(process.platform !== "linux")(
    "[TP42] are counted from what the system allows the process",
    () => {
      const program = `import { openFilesMax } from ${JSON.stringify(MODULE)}; console.log(openFilesMax())`;
      const limited = ["-c", 'ulimit -n 300 && exec "$0" --input-type=module -e "$1"'];
      const { stdout } = spawnSync("/bin/sh", [...limited, process.execPath, program]);
      expect(Number(String(stdout))).toBe(300);
      expect(openFilesMax()).toBeGreaterThan(0);
    },
  );
});
