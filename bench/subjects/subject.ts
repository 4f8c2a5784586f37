import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
import { start } from "../../test/support/adapter.mjs";
import type { CertificateFiles } from "./certificate-files.ts";
import { ourProgram, peerProgram } from "./programs.ts";

export const ROOT = path.join(import.meta.dirname, "../..");
const START_TIMEOUT_MS = 20_000;
const STDERR_CHARS_KEPT = 10_000;
export const COLLECT = `--import ${path.join(import.meta.dirname, "collect-on-signal.js")}`;
/** Where the servers run; everything else runs on the other one. */
export const SERVER_CORE = 0;
export const SWARM_CORE = 1;
/** What the fleet allows one game session. */
const PLAYER_SESSIONS_MAX = 1000;
/** The whole load is one address that joins in waves; what the budget of handshakes refuses is not measured here. */
const HANDSHAKES_PER_SECOND = 10_000;

/** A server under test, on a core of its own. */
export interface Subject {
  readonly pid: number;
  readonly port: number;
  /** What the stock SDK asks for. */
  readonly roomId: string;
  /** In the order of their use; those of the local fleet's session unless given. */
  readonly playerSessionIds?: readonly string[];
  stop(): Promise<void>;
}

export interface RoomSettings {
  readonly seats: number;
  /** Colyseus's own patch timer, milliseconds; `0`: a patch comes with a step alone. */
  readonly patchMs: number;
  /** Text that each player has in the state, characters; `none`: who joins is no part of the state. */
  readonly profileChars: number | "none";
}

export const playerSessionId = (index: number): string => `psess-bench-${index}`;

export const canPin = existsSync("/usr/bin/taskset") || existsSync("/bin/taskset");

/** Keeps a process with all its threads on one core, if this system can. */
export function pin(pid: number, core: number): void {
  if (canPin) execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
}

/** Our own server, as it was built, with the local fleet. With a certificate its port speaks TLS alone. */
export async function startFleetroom(
  settings: RoomSettings,
  tls: CertificateFiles | undefined,
): Promise<Subject> {
  const server = await start({
    dir: ROOT,
    program: ourProgram(),
    room: "bench",
    session: sessionOf(settings),
    env: {
      NODE_OPTIONS: COLLECT,
      ...tlsSettings(tls),
    },
  });
  pin(server.pid, SERVER_CORE);
  const stop = async () => void (await server.stop("SIGKILL"));
  return { pid: server.pid, port: server.port, roomId: "match", stop };
}

/** Environment of our server. */
export function tlsSettings(tls: CertificateFiles | undefined): Record<string, string> {
  if (tls === undefined) return {};
  return {
    FLEETROOM_TLS: "required",
    FLEETROOM_TLS_CERT: tls.certFile,
    FLEETROOM_TLS_KEY: tls.keyFile,
    FLEETROOM_TLS_HANDSHAKES_PER_SECOND: String(HANDSHAKES_PER_SECOND),
  };
}

export async function startColyseus(
  settings: RoomSettings,
  tls: CertificateFiles | undefined,
): Promise<Subject> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
  const file = path.join(folder, "session.json");
  writeFileSync(file, JSON.stringify(sessionOf(settings)));
  const peer = await startPeer("colyseus.ts", [file], tls);
  const stop = async () => {
    await peer.stop();
    rmSync(folder, { recursive: true });
  };
  return { ...peer, stop };
}

export const startPlainWs = (
  patchBytes: number,
  tls: CertificateFiles | undefined,
): Promise<Subject> => startPeer("plain-ws.ts", [String(patchBytes)], tls);

function sessionOf({ seats, patchMs, profileChars }: RoomSettings): object {
  const gameProperties = {
    seats: String(seats),
    patchMs: String(patchMs),
    profileChars: String(profileChars),
  };
  return { gameSession: { gameProperties }, playerSessions: playerSessions(PLAYER_SESSIONS_MAX) };
}

/** As the file of a local fleet lists them. */
export function playerSessions(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    playerSessionId: playerSessionId(index),
    playerId: `player-${index}`,
  }));
}

export async function startPeer(
  file: string,
  args: readonly string[],
  tls: CertificateFiles | undefined,
): Promise<Subject> {
  const words = [...args, ...(tls === undefined ? [] : [tls.certFile, tls.keyFile])];
  const child = spawn(process.execPath, [peerProgram(file), ...words], {
    cwd: ROOT,
    env: { NODE_OPTIONS: COLLECT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Colyseus prints a warning whenever it encodes a large state; only its last words matter.
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-STDERR_CHARS_KEPT);
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
    createInterface({ input: child.stdout }).once("line", (first) => {
      clearTimeout(timer);
      resolve(first);
    });
    void exited.then(() => reject(new Error(`${file} did not listen: ${said}`)));
  });
  const { pid, port, roomId } = JSON.parse(line) as Omit<Subject, "stop">;
  pin(pid, SERVER_CORE);
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { pid, port, roomId, stop };
}
