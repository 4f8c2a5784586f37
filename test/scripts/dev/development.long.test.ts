import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import path from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askLobby } from "../../../client/lobby.ts";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { until } from "../../support/in-process-server.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const PROCESSES = 4;

/** What `/_fleetroom/state` of the emulator says, as far as it is used here. */
interface State {
  readonly processes: readonly { readonly processId: string; readonly state: string }[];
}

/** `npm run dev` as it is typed, in a terminal of its own. */
describe("npm run dev", () => {
  let npm: ChildProcess;
  let output = "";
  let pageUrl = "";
  let fleetUrl = "";
  let lobbyUrl = "";

  beforeAll(async () => {
    npm = started((text) => {
      output += text;
    });
    await until(() => output.includes("The lobby, for Colyseus clients too: "), 30_000);
    pageUrl = /Open (\S+) in two tabs/.exec(output)?.[1] ?? "";
    fleetUrl = /The fleet behind it: (\S+)\/console/.exec(output)?.[1] ?? "";
    lobbyUrl = /for Colyseus clients too: (\S+)/.exec(output)?.[1] ?? "";
  }, 60_000);
  afterAll(() => {
    if (npm.exitCode === null && npm.pid !== undefined) process.kill(-npm.pid, "SIGKILL");
  });

  async function serversReady(): Promise<string[]> {
    const response = await fetch(`${fleetUrl}/_fleetroom/state`);
    const { processes } = (await response.json()) as State;
    return processes.filter(({ state }) => state === "READY").map(({ processId }) => processId);
  }

  async function play(game: string): Promise<Room> {
    const room = await new Client(lobbyUrl).joinOrCreate(game, { name: `Tester of ${game}` });
    for (const type of ["welcome", "draining"]) room.onMessage(type, () => {});
    return room;
  }

  it("[DV3] lets unchanged Colyseus clients play both games, each in its own process of the fleet", async () => {
    const arena = await Promise.all([play("arena"), play("arena")]);
    const duel = await Promise.all([play("duel"), play("duel")]);
    await expect.poll(() => arena[0].state.ships?.size, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => duel[0].state.phase, { timeout: 10_000 }).toBe("playing");
    const address = (room: Room) => new URL(room.connection.url ?? "").host;
    expect(address(arena[0])).toBe(address(arena[1]));
    expect(address(arena[0])).not.toBe(address(duel[0]));
    await Promise.all([...arena, ...duel].map((room) => room.leave()));
  }, 60_000);

  it("[DV3] brings bots into the match of whoever asks for them", async () => {
    const player = await play("arena");
    const response = await fetch(`${pageUrl}/api/bots`, {
      method: "POST",
      headers: { origin: pageUrl },
      body: JSON.stringify({ game: "arena", count: 3 }),
    });
    expect(await response.json()).toMatchObject({ added: 3 });
    const names = () =>
      [...(player.state.ships?.values() ?? [])].map(({ name }: { name: string }) => name);
    await expect
      .poll(names, { timeout: 15_000 })
      .toEqual(expect.arrayContaining(["Bot 1", "Bot 2", "Bot 3", "Tester of arena"]));
    await player.leave();
  }, 60_000);

  it("[DV4] replaces every server when a source changes, and players come into the next match", async () => {
    await expect.poll(serversReady, { timeout: 30_000 }).toHaveLength(PROCESSES);
    const before = await serversReady();
    const player = await play("arena");
    const left = new Promise<number>((resolve) => player.onLeave(resolve));
    const file = path.join(ROOT, "server/main.ts");
    const text = readFileSync(file, "utf8");
    utimesSync(file, new Date(), new Date());
    expect(await left).toBe(CloseCode.SERVER_DRAINED);
    await expect
      .poll(async () => (await serversReady()).filter((id) => !before.includes(id)), {
        timeout: 30_000,
      })
      .toHaveLength(PROCESSES);
    expect(readFileSync(file, "utf8")).toBe(text);
    const asked = await askLobby(lobbyUrl, { game: "arena" });
    expect(asked.state).toBe("seated");
    expect(output).toContain("servers: sources changed, restarting.");
    // Nothing of it is worth a line: they ended as they were told.
    expect(output).not.toMatch(/^server [0-9a-f]{8}: is over/m);
  }, 90_000);

  it("[DV5] ends with one Ctrl-C, bots and all, tells its players, and leaves nothing behind", async () => {
    const groupOf = npm.pid ?? 0;
    const player = await play("duel");
    const left = new Promise<number>((resolve) => player.onLeave(resolve));
    const children = descendantsOf(groupOf);
    expect(children.length).toBeGreaterThanOrEqual(PROCESSES + 2);
    const closed = once(npm, "close");
    process.kill(-groupOf, "SIGINT");
    const startedAtMs = performance.now();
    expect(await left).toBe(CloseCode.SERVER_DRAINED);
    await closed;
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
    await expect.poll(() => children.filter(isRunning), { timeout: 5_000 }).toEqual([]);
    await expect(fetch(fleetUrl)).rejects.toThrow();
    await expect(fetch(lobbyUrl)).rejects.toThrow();
  }, 60_000);

  it("[DV5] leaves nothing behind either when it is killed itself", async () => {
    let said = "";
    const killed = started((text) => {
      said += text;
    });
    await until(() => said.includes("The lobby, for Colyseus clients too: "), 30_000);
    const children = () => descendantsOf(killed.pid ?? 0);
    await until(() => children().length >= PROCESSES + 2, 10_000);
    const all = children();
    const development = all.find((pid) => commandOf(pid).endsWith("scripts/dev.ts --port 0"));
    process.kill(development ?? 0, "SIGKILL");
    await expect.poll(() => all.filter(isRunning), { timeout: 10_000 }).toEqual([]);
  }, 60_000);
});

function started(hear: (text: string) => void): ChildProcess {
  const npm = spawn("npm", ["run", "dev", "--", "--port", "0"], {
    cwd: ROOT,
    // A group of its own, as a terminal makes one.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [npm.stdout, npm.stderr]) stream?.setEncoding("utf8").on("data", hear);
  return npm;
}

interface Kin {
  readonly pid: number;
  readonly parent: number;
  readonly isOver: boolean;
}

function kinOf(pid: number): Kin | undefined {
  try {
    // The name in parentheses may hold anything; state and parent follow the last of them.
    const [state, parent] =
      readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return { pid, parent: Number(parent), isOver: state === "Z" };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  return kinOf(pid)?.isOver === false;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
}

/** Everything that a process started, and what that started. */
function descendantsOf(ancestor: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => kinOf(Number(name)) ?? []);
  const found = new Set([ancestor]);
  for (let known = 0; known < found.size; ) {
    known = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(ancestor);
  return [...found];
}
