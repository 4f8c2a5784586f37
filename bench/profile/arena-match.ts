import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { BuiltServer } from "../../test/support/built-server.ts";
import { canPin, playerSessionId, SERVER_CORE } from "../subjects/subject.ts";
import { Swarm } from "../swarm/swarm.ts";
import { GAME_PROPERTIES } from "../telemetry/crowd.ts";
import { between, type CpuProfile } from "./cpu-profile.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const JOIN_AT_ONCE = 20;
const LISTENS_WITHIN_MS = 30_000;
const STDERR_CHARS_KEPT = 4_000;

export interface ProfiledMatch {
  readonly players: number;
  readonly tickRateHz: number;
  /** V8 has compiled by its end what runs for every frame. */
  readonly warmUpMs: number;
  readonly forMs: number;
  /** From source when it is left out. */
  readonly built: BuiltServer | undefined;
}

/**
 * Runs the arena with sockets under `node --cpu-prof`; everybody flies and shoots.
 * @returns What the main thread did after the warm-up.
 */
export async function profileOf(match: ProfiledMatch): Promise<CpuProfile> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-profile-"));
  const server = startServer(match, folder);
  const swarm = new Swarm(undefined);
  try {
    const { pid, port } = await server.listening;
    if (canPin) pinMainThread(pid);
    const subject = { pid, port, roomId: "match", stop: async () => {} };
    await swarm.open("players", subject, "tcp", match.players, JOIN_AT_ONCE);
    await swarm.play("players", match.warmUpMs);
    const startUs = monotonicUs();
    await swarm.play("players", match.forMs);
    const endUs = monotonicUs();
    await swarm.close("players");
    server.child.kill("SIGTERM");
    await server.exited;
    const [file] = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
    if (file === undefined) throw new Error(`the server left no profile: ${server.said()}`);
    const whole = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as CpuProfile;
    return between(whole, startUs, endUs);
  } finally {
    swarm.stop();
    server.child.kill("SIGKILL");
    await server.exited;
    rmSync(folder, { recursive: true });
  }
}

function startServer({ players, tickRateHz, built }: ProfiledMatch, folder: string) {
  const session = path.join(folder, "session.json");
  const playerSessions = Array.from({ length: players }, (_, index) => ({
    playerSessionId: playerSessionId(index),
    playerId: `player-${index}`,
  }));
  const gameSession = { gameProperties: GAME_PROPERTIES, maximumPlayerSessionCount: players };
  writeFileSync(session, JSON.stringify({ gameSession, playerSessions }));
  const { file, cwd } = built?.program ?? { file: "server/main.ts", cwd: ROOT };
  const child = spawn(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${folder}`, file], {
    cwd,
    env: {
      FLEETROOM_FLEET: "local",
      FLEETROOM_PORT: "0",
      FLEETROOM_ROOM: "arena",
      FLEETROOM_TICK_RATE_HZ: String(tickRateHz),
      FLEETROOM_MAX_PLAYERS: String(players),
      FLEETROOM_LOCAL_SESSION: session,
      FLEETROOM_JOURNAL_DIR: path.join(folder, "journals"),
      FLEETROOM_RESULTS_DIR: path.join(folder, "results"),
      FLEETROOM_DRAIN_MS: "1000",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-STDERR_CHARS_KEPT);
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const listening = new Promise<{ pid: number; port: number }>((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), LISTENS_WITHIN_MS);
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as { pid: number; port: number });
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error(`the server ended: ${said}`));
    });
  });
  listening.catch(() => {});
  return { child, exited, listening, said: () => said };
}

/**
 * Leaves V8's other threads where they are: on the same core the one that takes the samples would run mostly while the
 * main thread waits, and see it wait.
 */
function pinMainThread(pid: number): void {
  execFileSync("taskset", ["-c", "-p", String(SERVER_CORE), String(pid)], { stdio: "ignore" });
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
