import { describe, expect, it } from "vitest";
import {
  HEAP_MEGABYTES_MAX,
  HEAP_MEGABYTES_MIN,
  heapMegabytesPerProcess,
  LAUNCH_PATH,
  LAUNCH_PATH_PATTERN,
  launchParameters,
  PARAMETERS_PATTERN,
  PORTS,
  PROCESSES_MAX,
} from "../../../scripts/gamelift/launch.ts";
import { readConfig } from "../../../server/config.ts";

describe("the launch", () => {
  it("[BG1] has only characters that GameLift allows, and settings that the server takes", () => {
    const parameters = launchParameters(256);
    expect(LAUNCH_PATH).toMatch(LAUNCH_PATH_PATTERN);
    expect(parameters).toMatch(PARAMETERS_PATTERN);
    const [heap, program, ...argv] = parameters.split(" ");
    expect([heap, program]).toEqual(["--max-old-space-size=256", "/local/game/dist/server.mjs"]);
    const config = readConfig({
      env: { GAMELIFT_SDK_PROCESS_ID: "process" },
      argv,
      cwd: "/",
      readFile: (name) => (name === "/local/game/fleetroom.json" ? "{}" : undefined),
    });
    expect(config.fleet).toBe("gamelift");
    expect(config.ports).toHaveLength(PORTS.last - PORTS.first + 1);
  });

  it("[BG1] has a port for each process that an instance may have, within what a fleet may open", () => {
    expect(PORTS.last - PORTS.first + 1).toBeGreaterThanOrEqual(PROCESSES_MAX);
    expect(PORTS.first).toBeGreaterThanOrEqual(1026);
    expect(PORTS.last).toBeLessThanOrEqual(60_000);
  });

  it("[BG2] gives each process its share of the instance's memory as heap", () => {
    expect(heapMegabytesPerProcess(4_096, 20)).toBe(102);
    expect(heapMegabytesPerProcess(16_384, 50)).toBe(248);
    expect(heapMegabytesPerProcess(16_384, 1)).toBe(HEAP_MEGABYTES_MAX);
    for (let processes = 1; processes <= PROCESSES_MAX; processes++) {
      for (const memory of [2_048, 4_096, 8_192, 16_384, 32_768]) {
        const heap = heapMegabytesPerProcess(memory, processes);
        if (heap === undefined) continue;
        expect(heap).toBeGreaterThanOrEqual(HEAP_MEGABYTES_MIN);
        expect(heap * processes).toBeLessThan(memory);
      }
    }
  });

  it("[BG2] says so when as many do not fit", () => {
    expect(heapMegabytesPerProcess(4_096, 40)).toBeUndefined();
    expect(heapMegabytesPerProcess(512, 1)).toBeUndefined();
  });
});
