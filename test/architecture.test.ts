/**
 * The one-way rule: a folder may import itself and what its line names, nothing else. Names are folders or files of
 * this repository, packages, or `node:` for every built-in. A file that lies in no line fails.
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const NODE = "node:";
const PORTS = [
  "server/fleet",
  "server/telemetry",
  "server/results/results.ts",
  "server/errors.ts",
  "server/clock.ts",
  "server/call-rate.ts",
];

const MAY_IMPORT: Record<string, readonly string[]> = {
  rooms: [],
  "rooms/kernel": [],
  "rooms/arena": ["rooms/simulation.ts", "rooms/kernel", "rooms/arena/replica.ts"],
  "rooms/arena/replica.ts": ["rooms/arena", "rooms/simulation.ts", "@colyseus/schema"],
  "rooms/duel": ["rooms/simulation.ts", "rooms/kernel", "rooms/duel/replica.ts"],
  "rooms/duel/replica.ts": ["rooms/duel", "rooms/simulation.ts", "@colyseus/schema"],
  "rooms/authoring.ts": ["rooms/simulation.ts", "rooms/kernel"],
  "rooms/index.ts": ["rooms/simulation.ts", "rooms/arena", "rooms/duel"],
  "rooms/simulation.ts": [],
  "rooms/colyseus": ["@colyseus/core", "@colyseus/schema"],
  protocol: [],
  "server/address-blocks.ts": [NODE],
  "server/clock.ts": [],
  "server/call-rate.ts": ["server/clock.ts"],
  "server/errors.ts": [],
  "server/engine.ts": [NODE],
  "server/process-identity.ts": [],
  "server/process-ordinal.ts": [],
  "server/make-directory.ts": [NODE],
  "server/listen.ts": [NODE, "server/errors.ts"],
  "server/tokens.ts": [NODE],
  "server/config.ts": [
    NODE,
    "server/config-sources.ts",
    "server/config-table.ts",
    "server/config-aws-settings.ts",
    "server/config-replication-settings.ts",
    "server/config-telemetry.ts",
    "server/config-telemetry-settings.ts",
    "server/config-values.ts",
    "server/errors.ts",
  ],
  "server/config-sources.ts": [
    NODE,
    "server/config-setting.ts",
    "server/config-table.ts",
    "server/errors.ts",
  ],
  "server/config-table.ts": [
    NODE,
    "server/config-setting.ts",
    "server/config-aws-settings.ts",
    "server/config-replication-settings.ts",
    "server/config-telemetry-settings.ts",
    "server/config-values.ts",
  ],
  "server/config-telemetry.ts": [
    NODE,
    "server/config-sources.ts",
    "server/config-table.ts",
    "server/config-telemetry-settings.ts",
  ],
  "server/config-telemetry-settings.ts": [
    NODE,
    "server/config-setting.ts",
    "server/config-values.ts",
  ],
  "server/config-replication-settings.ts": ["server/config-setting.ts", "server/config-values.ts"],
  "server/config-aws-settings.ts": ["server/config-setting.ts", "server/config-values.ts"],
  "server/config-setting.ts": [],
  "server/config-values.ts": [NODE],
  "server/process-guard.ts": [NODE, "server/errors.ts", "server/session", "server/telemetry"],
  "server/rooms.ts": ["rooms/index.ts", "rooms/colyseus"],
  "server/games.ts": [
    "server/config.ts",
    "server/rooms.ts",
    "server/host",
    "server/host/rooms-module.ts",
  ],
  "server/games-of-the-build.ts": [
    "server/config.ts",
    "server/errors.ts",
    "server/rooms.ts",
    "server/host",
  ],
  "server/compile-cache.ts": [NODE],
  "server/fleets.ts": [
    "server/fleet/local",
    "server/fleet/gamelift",
    NODE,
    "server/process-ordinal.ts",
    "server/fleet/gamelift-api",
    "server/config.ts",
    "server/telemetry",
    "server/clock.ts",
    "server/errors.ts",
  ],
  "server/session": [NODE, ...PORTS, "protocol"],
  "server/host": [
    NODE,
    "server/engine.ts",
    "server/make-directory.ts",
    ...PORTS,
    "rooms/simulation.ts",
    "server/host/snapshots",
    "protocol",
    "server/session",
    "@colyseus/core",
    "@colyseus/core/Logger",
    "@colyseus/schema",
  ],
  "server/host/rooms-module.ts": [NODE, "server/host", "server/errors.ts", "esbuild"],
  "server/host/snapshots": ["rooms/simulation.ts", "rooms/kernel/spatial-grid.ts", "protocol"],
  "server/fleet": [],
  "server/fleet/timed-fleet.ts": [
    "server/fleet",
    "server/telemetry",
    "server/clock.ts",
    "server/errors.ts",
  ],
  "server/fleet/local": [
    NODE,
    "server/fleet",
    "server/telemetry",
    "server/errors.ts",
    "server/clock.ts",
  ],
  "server/fleet/gamelift-server-sdk": [NODE, "ws"],
  "server/fleet/gamelift": [
    NODE,
    "server/fleet",
    "server/fleet/gamelift-server-sdk",
    "server/telemetry",
    "server/errors.ts",
    "server/clock.ts",
    "server/call-rate.ts",
  ],
  "server/fleet/gamelift-api": [
    NODE,
    "server/fleet",
    "server/telemetry",
    "server/errors.ts",
    "server/clock.ts",
    "@aws-sdk/client-gamelift",
    "@aws-sdk/credential-provider-ini",
  ],
  "server/telemetry": ["server/results/results.ts", "server/clock.ts"],
  "server/telemetry/catalogue": ["server/telemetry", "server/results/results.ts", "protocol"],
  "server/telemetry/log-sinks": [
    NODE,
    "server/telemetry",
    "server/clock.ts",
    "server/make-directory.ts",
  ],
  "server/telemetry/prometheus": [
    NODE,
    "server/telemetry",
    "server/telemetry/catalogue",
    "server/clock.ts",
    "prom-client",
  ],
  "server/telemetry/statsd": [
    NODE,
    "server/telemetry",
    "server/telemetry/catalogue",
    "server/clock.ts",
  ],
  "server/telemetry/emf": [
    NODE,
    "server/telemetry",
    "server/telemetry/catalogue",
    "server/clock.ts",
  ],
  "server/telemetry/live": ["server/telemetry", "server/telemetry/catalogue", "server/clock.ts"],
  "server/telemetry/targets": [
    NODE,
    "server/telemetry",
    "server/clock.ts",
    "server/make-directory.ts",
  ],
  "server/telemetry/memory": ["server/telemetry"],
  "server/telemetry/winston": [
    NODE,
    "server/telemetry",
    "server/telemetry/catalogue",
    "server/telemetry/log-sinks",
    "server/clock.ts",
    "server/errors.ts",
    "winston",
    "winston-transport",
  ],
  "server/results/results.ts": [],
  "server/results/deliver.ts": ["server/results/results.ts", ...PORTS],
  "server/results/sinks.ts": [
    "server/results/results.ts",
    "server/results/file",
    "server/results/http",
    "server/config.ts",
    "server/clock.ts",
  ],
  "server/results/file": [
    NODE,
    "server/results/results.ts",
    "server/errors.ts",
    "server/make-directory.ts",
  ],
  "server/results/http": [NODE, "server/results/results.ts", "server/errors.ts", "server/clock.ts"],
  "server/admin": [
    NODE,
    ...PORTS,
    "server/session",
    "server/address-blocks.ts",
    "server/listen.ts",
  ],
  "server/admin/page": ["server/telemetry", "server/telemetry/live"],
  "server/observers.ts": [NODE, "server/"],
  "server/transport": [
    NODE,
    ...PORTS,
    "server/address-blocks.ts",
    "server/listen.ts",
    "server/tokens.ts",
    "server/session",
    "protocol",
    "@colyseus/core",
    "@colyseus/ws-transport/WebSocketClient",
  ],
  "server/main.ts": [NODE, "server/", "package.json", "@colyseus/core"],
  "emulator/clock.ts": [],
  "emulator/errors.ts": [],
  "emulator/plane": ["emulator/clock.ts"],
  "emulator/api": [
    NODE,
    "emulator/plane",
    "emulator/clock.ts",
    "emulator/queues",
    "emulator/front/http-exchange.ts",
  ],
  "emulator/server-sdk": [NODE, "emulator/plane", "emulator/clock.ts", "ws"],
  "emulator/builds": [
    NODE,
    "emulator/plane",
    "emulator/clock.ts",
    "emulator/api",
    "emulator/front/http-exchange.ts",
    "yauzl",
  ],
  "emulator/supervisor": [NODE, "emulator/plane", "emulator/clock.ts", "yazl"],
  "emulator/queues": [NODE, "emulator/plane", "emulator/clock.ts"],
  "emulator/front": [NODE, "ws", "emulator/errors.ts"],
  "emulator/faults": [
    NODE,
    "yaml",
    "emulator/plane",
    "emulator/clock.ts",
    "emulator/queues",
    "emulator/front/http-exchange.ts",
    "emulator/server-sdk/wire-hooks.ts",
  ],
  "emulator/console": [
    NODE,
    "emulator/plane",
    "emulator/clock.ts",
    "emulator/queues",
    "emulator/front/http-exchange.ts",
  ],
  "emulator/verify": [NODE, "emulator/"],
  "emulator/emulator.ts": [NODE, "emulator/"],
  "emulator/index.ts": ["emulator/"],
  "emulator/config.ts": [NODE, "emulator/"],
  "emulator/fleet-file.ts": [NODE, "emulator/"],
  "emulator/flags.ts": [NODE, "emulator/"],
  "emulator/start.ts": [NODE, "emulator/"],
  "emulator/verify-command.ts": [NODE, "emulator/"],
  "emulator/data-directory.ts": [NODE, "emulator/"],
  "emulator/log-downloads.ts": [NODE, "emulator/"],
  "emulator/faulty-calls.ts": ["emulator/"],
  "emulator/stop-signals.ts": [],
  "emulator/text-file.ts": [NODE],
  "emulator/json-shape.ts": ["emulator/limits.ts"],
  "emulator/limits.ts": [],
  "emulator/main.ts": [NODE, "emulator/"],
  "backend/lobby": [NODE, "@aws-sdk/client-gamelift"],
  client: [
    NODE,
    "rooms/index.ts",
    "rooms/simulation.ts",
    "rooms/kernel",
    "rooms/arena",
    "rooms/arena/replica.ts",
    "rooms/duel",
    "rooms/duel/replica.ts",
    "protocol",
    "@colyseus/sdk",
    "@colyseus/schema",
  ],
  scripts: ["*"],
  bench: ["*"],
  test: ["*"],
  examples: ["*"],
  "vitest.config.ts": ["*"],
};

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;

/** The longest key of {@link MAY_IMPORT} that `file` lies in. */
function folderOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => file === folder || file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** The file, package or built-in that `specifier`, written in `file`, names. */
function targetOf(file: string, specifier: string): string {
  return specifier.startsWith(".") ? path.join(path.dirname(file), specifier) : specifier;
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(IMPORT)].map((match) =>
    targetOf(file, match[1] ?? match[2] ?? match[3] ?? ""),
  );
}

function allows(folder: string, target: string): boolean {
  if (folderOf(target) === folder) return true;
  return (MAY_IMPORT[folder] ?? []).some((name) => {
    if (name === "*" || target === name) return true;
    // "node:" and "server/" stand for everything that starts so; a plain folder admits its own files alone.
    if (name.endsWith(":") || name.endsWith("/")) return target.startsWith(name);
    return folderOf(target) === name;
  });
}

const files = globSync("**/*.ts", {
  exclude: (name) => /(^|\/)(node_modules|dist|lib|coverage|\.fleetroom)$/.test(name),
});

const MAIN_FILES = ["server/main.ts", "emulator/main.ts", "backend/lobby/main.ts"];

describe("the one-way rule", () => {
  it.each(files)("[AR1] %s imports only what its folder may", (file) => {
    const folder = folderOf(file);
    expect(folder, `${file} is in no line of MAY_IMPORT`).toBeDefined();
    expect(importsOf(file).filter((target) => !allows(folder ?? "", target))).toEqual([]);
  });

  it("[AR2] is imported by nobody: main.ts", () => {
    const importers = files.filter((file) =>
      importsOf(file).some((target) => MAIN_FILES.includes(target)),
    );
    expect(importers).toEqual([]);
  });

  it("[AR3] has no import cycle, type imports included", () => {
    const graph = new Map(files.map((file) => [file, importsOf(file)]));
    const state = new Map<string, "open" | "done">();
    const cycle: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (state.get(file) === "done" || !graph.has(file) || cycle.length > 0) return;
      if (state.get(file) === "open") {
        cycle.push(...trail.slice(trail.indexOf(file)), file);
        return;
      }
      state.set(file, "open");
      for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycle).toEqual([]);
  });

  it("[AR4] keeps main.ts under 100 lines and every file under 400", () => {
    const lines = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n").length;
    for (const file of files.filter((each) => MAIN_FILES.includes(each))) {
      expect(lines(file), file).toBeLessThan(100);
    }
    expect(files.filter((file) => lines(file) > 400)).toEqual([]);
  });

  it("[AR5] reads process.env in config.ts alone", () => {
    const readers = files.filter(
      (file) =>
        /^(server|emulator|backend)\//.test(file) &&
        readFileSync(file, "utf8").includes("process.env"),
    );
    expect(readers.filter((file) => path.basename(file) !== "config.ts")).toEqual([]);
  });
});
