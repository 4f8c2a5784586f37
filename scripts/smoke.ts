/**
 * `npm run smoke`: one server and four players, three seconds of play: two with the stock SDK, one that joins in one
 * step over WebSocket and one over TCP. Asserts on what all saw; the last line is JSON, the exit code says how it went.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "@colyseus/sdk";
import { joinMatch } from "../client/connection.ts";
import { COMMAND, WELCOME, type Welcome } from "../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand, toTickEighths } from "../rooms/arena/commands.ts";
import type { ArenaReplica } from "../rooms/arena/replica.ts";

const PLAY_MS = 3_000;
const START_MS = 15_000;
const EXIT_MS = 12_000;

const JOINS = ["stock", "stock", "websocket", "tcp"] as const;
type Join = (typeof JOINS)[number];

interface Seen {
  readonly join: Join;
  readonly seat: number;
  readonly states: number;
  readonly ticks: number;
  readonly ships: readonly string[];
  readonly movedMetres: number;
  readonly acknowledgedCommands: number;
}

/** A player on his seat, however he got there. */
interface Player {
  readonly seat: number;
  readonly state: () => ArenaReplica;
  /** How often a snapshot or patch came. */
  readonly states: () => number;
  readonly sendCommand: (bytes: Uint8Array) => void;
  readonly leave: () => Promise<unknown>;
}

const checks: Record<string, boolean> = {};
let seen: Seen[] = [];
let exitCode: number | null = null;
try {
  const { child, port } = await startServer();
  try {
    const players = await Promise.all(JOINS.map((join, index) => enter(port, join, index + 1)));
    seen = await Promise.all(players.map((player, index) => play(player, index)));
    await Promise.all(players.map((player) => player.leave()));
    judge(seen);
  } finally {
    exitCode = await stop(child);
    checks["serverExitsWith0"] = exitCode === 0;
  }
} catch (error) {
  console.error(error);
  checks["ran"] = false;
}
const isOk = Object.values(checks).every(Boolean);
console.log(JSON.stringify({ event: "smoke", ok: isOk, checks, seen }));
process.exit(isOk ? 0 : 1);

async function startServer(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ["server/main.ts"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: {
      ...process.env,
      FLEETROOM_FLEET: "local",
      FLEETROOM_ROOM: "arena",
      FLEETROOM_PORT: "0",
      // All that the stock players look at.
      FLEETROOM_REPLICATION: "schema",
      FLEETROOM_JOURNAL_DIR: "",
      FLEETROOM_RESULTS_DIR: "",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise<number>((resolve, reject) => {
    lines.once("line", (line) => {
      try {
        resolve((JSON.parse(line) as { port: number }).port);
      } catch {
        reject(new Error(`the server's first line is not JSON: ${line}`));
      }
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} at start`)));
    setTimeout(() => reject(new Error(`no server within ${START_MS} ms`)), START_MS).unref();
  });
  try {
    return { child, port: await listening };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function enter(port: number, join: Join, number: number): Promise<Player> {
  const playerSessionId = `psess-local-${number}`;
  if (join === "stock") return enterWithSdk(port, playerSessionId);
  const scheme = join === "tcp" ? "tcp" : "ws";
  return enterInOneStep(`${scheme}://127.0.0.1:${port}`, playerSessionId);
}

async function enterWithSdk(port: number, playerSessionId: string): Promise<Player> {
  const client = new Client(`http://127.0.0.1:${port}`);
  const room = await client.joinById<ArenaReplica>("match", { playerSessionId });
  let states = 0;
  const welcome = new Promise<Welcome>((resolve) => room.onMessage(WELCOME, resolve));
  const first = new Promise<void>((resolve) => {
    room.onStateChange(() => {
      states++;
      resolve();
    });
  });
  const { seat } = await welcome;
  await first;
  return {
    seat,
    state: () => room.state,
    states: () => states,
    sendCommand: (bytes) => room.sendBytes(COMMAND, bytes),
    leave: () => room.leave(),
  };
}

async function enterInOneStep(url: string, playerSessionId: string): Promise<Player> {
  let states = 0;
  const listener = { stateChanged: () => states++ };
  const outcome = await joinMatch<ArenaReplica>(playerSessionId, { url, listener });
  if (outcome.state === "refused") throw new Error(outcome.refusal.text);
  const { connection } = outcome;
  return {
    seat: connection.welcome.seat,
    state: () => connection.state,
    states: () => states,
    sendCommand: (bytes) => connection.sendCommand(bytes),
    leave: () => connection.leave(),
  };
}

async function play(player: Player, index: number): Promise<Seen> {
  const join = JOINS[index] ?? "stock";
  const { seat, state } = player;
  const ship = () => state().ships.get(String(seat));
  const firstTick = state().tick;
  let start: { x: number; y: number } | undefined;
  let tick = 0;
  const steering = setInterval(() => {
    tick++;
    const at = ship();
    // Before its first step it is nowhere.
    if (at?.isAlive === true) start ??= { x: at.x, y: at.y };
    // Up, right, down, left: somewhere there is no wall.
    const buttons =
      [ArenaButton.UP, ArenaButton.RIGHT, ArenaButton.DOWN, ArenaButton.LEFT][
        Math.floor(tick / 20) % 4
      ] ?? 0;
    const seenTickEighths = toTickEighths(state().tick);
    player.sendCommand(encodeArenaCommand({ tick, buttons, aimRadians: index, seenTickEighths }));
  }, 33);
  await new Promise((resolve) => setTimeout(resolve, PLAY_MS));
  clearInterval(steering);
  const end = ship();
  return {
    join,
    seat,
    states: player.states(),
    ticks: state().tick - firstTick,
    ships: [...state().ships.keys()].sort(),
    movedMetres: start && end ? Math.hypot(end.x - start.x, end.y - start.y) : 0,
    acknowledgedCommands: end?.ack ?? 0,
  };
}

function judge(players: readonly Seen[]): void {
  checks["differentSeats"] = new Set(players.map(({ seat }) => seat)).size === players.length;
  const seats = players.map(({ seat }) => String(seat)).sort();
  const seesAll = ({ ships }: Seen): boolean => seats.every((seat) => ships.includes(seat));
  checks["bothSeeBothShips"] = players.filter(({ join }) => join === "stock").every(seesAll);
  checks["allSeeAllShips"] = players.every((player) => {
    return seesAll(player) && player.ships.length === players.length;
  });
  // 30 Hz for three seconds, with room for a busy machine.
  checks["matchRan"] = players.every(({ ticks, states }) => ticks >= 60 && states >= 45);
  checks["shipsMoved"] = players.every(({ movedMetres }) => movedMetres > 0.5);
  checks["commandsAcknowledged"] = players.every(
    ({ acknowledgedCommands }) => acknowledgedCommands >= 45,
  );
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), EXIT_MS);
  const code = await exited;
  clearTimeout(timer);
  return code;
}
