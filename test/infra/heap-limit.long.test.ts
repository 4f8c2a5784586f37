import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type Emulator, openEmulator } from "../../emulator/emulator.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import {
  heapMegabytesPerProcess,
  PROCESS_MEGABYTES,
  SYSTEM_MEGABYTES,
} from "../../scripts/gamelift/launch.ts";
import { INSTANCE_MEGABYTES } from "../../scripts/templates/instance-types.ts";
import { BuiltServer } from "../support/built-server.ts";
import { pidsWith } from "../support/emulator-program.ts";
import { LightPlayer } from "../support/light-player.ts";
import { readTemplate, resolved } from "./template.ts";

const PROCESSES = 20;
const INSTANCE_TYPE = "c6a.large";
const FLEET_ID = "fleet-heap-limit";
const TICK_RATE_HZ = 20;
const COMMAND_EVERY_MS = 50;
const SAMPLE_EVERY_MS = 250;
const AFTERWARDS_MS = 3_000;
const READY_WITHIN_MS = 90_000;
const LEAKED_WITHIN_MS = 60_000;
/** Of the steps that time asks for. */
const STEPS_SHARE_MIN = 0.98;

const memoryMegabytes = INSTANCE_MEGABYTES.get(INSTANCE_TYPE) ?? 0;
const heapMegabytes = heapMegabytesPerProcess(memoryMegabytes, PROCESSES) ?? 0;

/** What the template asks for, on a fleet whose players are on this machine. */
function fleetFile(): string {
  const given = {
    BuildId: "build-1",
    InstanceType: INSTANCE_TYPE,
    ProcessesPerInstance: PROCESSES,
  };
  const fleet = resolved(readTemplate("infra/ec2-fleet.yaml"), given).only("AWS::GameLift::Fleet");
  const { RuntimeConfiguration } = fleet;
  expect(RuntimeConfiguration.ServerProcesses[0].Parameters).toContain(`=${heapMegabytes} `);
  const file = { FleetId: FLEET_ID, Name: "heap", ComputeType: "EC2", RuntimeConfiguration };
  return JSON.stringify({ Fleets: [file] });
}

/** The build root of a fleet: Node, the server, its settings. */
function buildRoot(): BuiltServer {
  const built = new BuiltServer(path.join(import.meta.dirname, "../support/hoarding-rooms.ts"));
  mkdirSync(path.join(built.folder, "bin"));
  copyFileSync(process.execPath, path.join(built.folder, "bin/node"));
  const settings = {
    ...{ host: "127.0.0.1", logDir: "off", journalDir: "", resultsDir: "" },
    // A patch with each tick: what players miss can be counted.
    ...{ replication: "schema", tickRateHz: TICK_RATE_HZ },
  };
  writeFileSync(path.join(built.folder, "fleetroom.json"), JSON.stringify(settings));
  return built;
}

async function until<Found>(find: () => Found | undefined, withinMs: number): Promise<Found> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${find}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One more game session, as soon as a process is free for it, with a player in it. */
async function matchWith({ plane }: Emulator, room: string, onTick: (tick: number) => void) {
  const properties = { room, matchSeconds: "3600", scoreLimit: "1000" };
  const session = await until(() => {
    const outcome = plane.gameSessions.create({
      fleetId: FLEET_ID,
      maximumPlayerSessionCount: 4,
      gameProperties: Object.entries(properties).map(([key, value]) => ({ key, value })),
    });
    return "value" in outcome ? outcome.value : undefined;
  }, READY_WITHIN_MS);
  await until(() => (session.status === "ACTIVE" ? true : undefined), READY_WITHIN_MS);
  const reserved = plane.playerSessions.create(session.gameSessionId, [
    { playerId: "ann", playerData: "" },
  ]);
  if (!("value" in reserved)) throw new Error(reserved.message);
  const [{ playerSessionId = "" } = {}] = reserved.value;
  const way = {
    port: session.port,
    transport: "tcp",
    onState: ({ tick }: { tick?: number }) => tick !== undefined && onTick(tick),
  } as const;
  const player = await LightPlayer.join(way, playerSessionId);
  if (typeof player === "number") throw new Error(`refused with ${player}`);
  return { session, player };
}

/** Of a process, megabytes: its share of what several have, and what is its own. */
function memoryOf(pid: number): { readonly pss: number; readonly own: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1_024;
  return { pss: megabytes("Pss"), own: megabytes("Private_Clean") + megabytes("Private_Dirty") };
}

describe("20 processes on an instance with 4 GB", () => {
  it("[IF10] one that leaks ends at its heap limit, within its share of the memory, and the 19 others keep their ticks", async () => {
    using built = buildRoot();
    const dataDirectory = path.join(built.folder, "data");
    const emulator = await openEmulator({
      fleetFile: parseFleetFile(fleetFile(), "fleet.json"),
      launchRoots: [built.folder],
      dataDirectory,
      environment: process.env,
      print: () => {},
    });
    const crashed: string[] = [];
    const hosts = new Map<string, string>();
    emulator.plane.happenings.listen(({ kind, detail, gameSessionId = "", processId = "" }) => {
      if (kind === "game-session-created") hosts.set(gameSessionId, processId);
      if (kind === "process-ended" && detail === "crashed") crashed.push(processId);
    });
    try {
      const ticks = Array.from({ length: PROCESSES - 1 }, () => ({ first: -1, last: -1, seen: 0 }));
      const steady: Awaited<ReturnType<typeof matchWith>>[] = [];
      for (const own of ticks) {
        const onTick = (tick: number): void => {
          if (own.first < 0) own.first = tick;
          if (tick !== own.last) own.seen++;
          own.last = tick;
        };
        steady.push(await matchWith(emulator, "arena", onTick));
      }
      const flying = setInterval(() => {
        for (const { player } of steady) player.steer();
      }, COMMAND_EVERY_MS);
      const leaking = await matchWith(emulator, "hoarding", () => {});
      const victim = hosts.get(leaking.session.gameSessionId) ?? "";
      const [pid = 0] = pidsWith("GAMELIFT_SDK_PROCESS_ID", victim);
      for (const own of ticks) Object.assign(own, { first: -1, last: -1, seen: 0 });
      const startMs = performance.now();
      let [ownMax, pssMax, allMax] = [0, 0, 0];
      const look = setInterval(() => {
        try {
          const { own, pss } = memoryOf(pid);
          ownMax = Math.max(ownMax, own);
          pssMax = Math.max(pssMax, pss);
          const all = pidsWith("GAMELIFT_SDK_FLEET_ID", FLEET_ID);
          allMax = Math.max(
            allMax,
            all.reduce((sum, each) => sum + memoryOf(each).pss, 0),
          );
        } catch {
          // One of them has just ended.
        }
      }, SAMPLE_EVERY_MS);
      await until(() => (crashed.includes(victim) ? true : undefined), LEAKED_WITHIN_MS);
      const endedMs = performance.now() - startMs;
      clearInterval(look);
      await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
      clearInterval(flying);
      const elapsedMs = performance.now() - startMs;

      const shares = ticks.map(
        ({ first, last }) => (last - first) / ((elapsedMs / 1_000) * TICK_RATE_HZ),
      );
      const missed = ticks.map(({ first, last, seen }) => last - first + 1 - seen);
      process.stdout.write(
        `heap limit ${heapMegabytes} MB: ended after ${Math.round(endedMs)} ms with ${Math.round(ownMax)} MB of its own at most (PSS ${Math.round(pssMax)}), all together ${Math.round(allMax)} MB; ` +
          `the others made ${Math.min(...shares).toFixed(3)} of their steps at least, and their players missed ${Math.max(...missed)}\n`,
      );
      expect(ownMax).toBeGreaterThan(heapMegabytes / 2);
      expect(ownMax).toBeLessThan(heapMegabytes + PROCESS_MEGABYTES);
      expect(allMax).toBeLessThan(memoryMegabytes - SYSTEM_MEGABYTES);
      for (const share of shares) expect(share).toBeGreaterThan(STEPS_SHARE_MIN);
      expect(missed.filter((count) => count !== 0)).toEqual([]);
      expect(crashed).toEqual([victim]);
      expect(steady.map(({ player }) => player.isClosed)).not.toContain(true);
      expect(leaking.player.isClosed).toBe(true);
      const said = readFileSync(path.join(dataDirectory, `output/${victim}.log`), "utf8");
      expect(said).toContain("heap out of memory");
      const replacement = await matchWith(emulator, "arena", () => {});
      await replacement.player.leave();
    } finally {
      await emulator.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    }
    expect(pidsWith("GAMELIFT_SDK_FLEET_ID", FLEET_ID)).toEqual([]);
  });
});
