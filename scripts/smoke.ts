/**
 * `npm run smoke`: one server and two players with the stock SDK, three seconds of play. Asserts on what both saw;
 * the last line is JSON, the exit code says how it went.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client, type Room } from "@colyseus/sdk";
import { COMMAND, WELCOME, type Welcome } from "../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand } from "../rooms/arena/commands.ts";

const PLAY_MS = 3_000;
const START_MS = 15_000;
const EXIT_MS = 12_000;

interface Seen {
  readonly seat: number;
  readonly states: number;
  readonly ticks: number;
  readonly ships: readonly string[];
  readonly movedMetres: number;
  readonly acknowledgedCommands: number;
}

// biome-ignore lint/suspicious/noExplicitAny: the stock SDK builds the state from the server's own description.
type ArenaRoom = Room<any, any>;

const checks: Record<string, boolean> = {};
let seen: Seen[] = [];
let exitCode: number | null = null;
try {
  const { child, port } = await startServer();
  try {
    const players = await Promise.all([1, 2].map((number) => play(port, number)));
    seen = players;
    judge(players);
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

async function play(port: number, number: number): Promise<Seen> {
  const client = new Client(`http://127.0.0.1:${port}`);
  const room: ArenaRoom = await client.joinById("match", {
    playerSessionId: `psess-local-${number}`,
  });
  let seat = -1;
  let states = 0;
  let firstTick = 0;
  let start: { x: number; y: number } | undefined;
  room.onMessage(WELCOME, (welcome: Welcome) => {
    seat = welcome.seat;
  });
  room.onStateChange((state) => {
    if (states++ === 0) firstTick = state.tick;
    const ship = state.ships.get(String(seat));
    start ??= ship && { x: ship.x, y: ship.y };
  });
  let tick = 0;
  const steering = setInterval(() => {
    tick++;
    // Up, right, down, left: somewhere there is no wall.
    const buttons =
      [ArenaButton.UP, ArenaButton.RIGHT, ArenaButton.DOWN, ArenaButton.LEFT][
        Math.floor(tick / 20) % 4
      ] ?? 0;
    room.sendBytes(COMMAND, encodeArenaCommand({ tick, buttons, aimRadians: number }));
  }, 33);
  await new Promise((resolve) => setTimeout(resolve, PLAY_MS));
  clearInterval(steering);
  const ship = room.state.ships.get(String(seat));
  const result: Seen = {
    seat,
    states,
    ticks: room.state.tick - firstTick,
    ships: [...room.state.ships.keys()].sort(),
    movedMetres: start === undefined ? 0 : Math.hypot(ship.x - start.x, ship.y - start.y),
    acknowledgedCommands: ship?.ack ?? 0,
  };
  await room.leave();
  return result;
}

function judge(players: readonly Seen[]): void {
  checks["differentSeats"] = new Set(players.map(({ seat }) => seat)).size === players.length;
  checks["bothSeeBothShips"] = players.every(({ ships }) => ships.length === players.length);
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
