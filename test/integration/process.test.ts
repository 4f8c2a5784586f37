import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { encodeArenaCommand } from "../../rooms/arena/commands.ts";
import { encodeDuelCommand } from "../../rooms/duel/commands.ts";
import { SIMULATIONS } from "../../rooms/index.ts";
import { replay } from "../../server/host/replay.ts";
import { until } from "../support/in-process-server.ts";
import { joinAs, type Player, refusedWith } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const started: ServerProcess[] = [];

async function start(
  env: Record<string, string> = {},
  args: string[] = [],
): Promise<ServerProcess> {
  const server = await ServerProcess.start(env, args);
  started.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

function runReplay(file: string) {
  const run = spawnSync(process.execPath, ["scripts/replay.ts", file], { cwd: ROOT });
  return { code: run.status, out: run.stdout.toString(), err: run.stderr.toString() };
}

function steer(player: Player, tick: number): void {
  const command = { tick, buttons: 1 + 16, aimRadians: 1, seenTickEighths: 0 };
  player.room.sendBytes("c", encodeArenaCommand(command));
}

describe("the process", () => {
  it("[SH1] says where it listens in the first line", async () => {
    const server = await start();
    expect(server.lines[0]).toMatchObject({
      event: "server_listening",
      pid: server.child.pid,
      room: "arena",
      fleet: "local",
      tls: "off",
    });
    expect(server.lines[0]?.["port"]).toBeTypeOf("number");
    expect(server.lines[0]?.["adminPort"]).toBeTypeOf("number");
  });

  it("[SH26] keeps V8's young generation at what loading the server has made it, whatever is allocated", async () => {
    const watch = `
      import { getHeapSpaceStatistics } from "node:v8";
      const kept = [];
      setInterval(() => {
        for (let at = 0; at < 500_000; at++) kept[at % 50_000] = { at, more: [at] };
        const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
        process.stderr.write("young " + young.space_size + "\\n");
      }, 50).unref();
    `;
    const preload = `data:text/javascript,${encodeURIComponent(watch)}`;
    const server = await start({ NODE_OPTIONS: `--import=${preload}` });
    await joinAs(server, "psess-local-1");
    const before = server.stderr.length;
    const seen = () =>
      [...server.stderr.slice(before).matchAll(/^young (\d+)$/gm)].map(([, bytes]) =>
        Number(bytes),
      );
    await until(() => seen().length > 3);
    expect(Math.max(...seen())).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it.skipIf(process.platform !== "linux")("[SH26] lets V8's helpers give way", async () => {
    const server = await start();
    const tasks = `/proc/${server.child.pid}/task`;
    const threads = readdirSync(tasks).map((thread) => {
      const [, name = "", rest = ""] =
        /\((.*)\) (.*)/.exec(readFileSync(`${tasks}/${thread}/stat`, "utf8")) ?? [];
      // proc(5): niceness is the 19th field, the third behind the name is the 5th.
      return { name, niceness: Number(rest.split(" ")[16]) };
    });
    const helpers = threads.filter(({ name }) => name.startsWith("V8Worker"));
    expect(helpers.length).toBeGreaterThan(0);
    expect(new Set(helpers.map(({ niceness }) => niceness))).toEqual(new Set([10]));
    const others = threads.filter((thread) => !helpers.includes(thread));
    expect(new Set(others.map(({ niceness }) => niceness))).toEqual(new Set([0]));
  });

  it.each([["SIGTERM"], ["SIGINT"]] as const)(
    "[SH2] ends at once and with 0 on %s when nobody is seated",
    async (signal) => {
      const server = await start();
      await server.line("game_session_started");
      const { code, ms } = await server.stop(signal);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(3_000);
    },
  );

  it("[SH3] drains on SIGTERM: no new joins, the deadline told, the result delivered, exit 0", async () => {
    const server = await start({ FLEETROOM_DRAIN_MS: "2000" });
    const player = await joinAs(server, "psess-local-1");
    const told: { deadlineMs: number }[] = [];
    player.room.onMessage("draining", (message) => told.push(message));
    await until(() => player.states > 2);
    const stopped = server.stop();
    await server.line("server_stopping");
    expect(await refusedWith(joinAs(server, "psess-local-2"))).toBe(410);
    const { code, ms } = await stopped;
    expect(code).toBe(0);
    // Three quarters of the time belong to the game.
    expect(ms).toBeGreaterThan(1_300);
    expect(ms).toBeLessThan(3_500);
    expect(told).toEqual([{ deadlineMs: 2000 }]);
    expect(player.closes).toEqual([4413]);
    expect(server.results()).toMatchObject([
      { outcome: "drained", players: [{ playerId: "player-1", seat: 0 }] },
    ]);
  });

  it("[SH4] ends within a second on a second signal", async () => {
    const server = await start({ FLEETROOM_DRAIN_MS: "60000" });
    const player = await joinAs(server, "psess-local-1");
    await until(() => player.states > 2);
    server.child.kill("SIGTERM");
    await server.line("server_stopping");
    const { code, ms } = await server.stop("SIGTERM");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1_000);
    expect(server.results()).toHaveLength(1);
  });

  it("[SH5] drains when npm start is sent a SIGTERM", async () => {
    const npm = spawn("npm", ["start", "--silent"], {
      cwd: ROOT,
      env: {
        ...process.env,
        FLEETROOM_FLEET: "local",
        FLEETROOM_PORT: "0",
        FLEETROOM_JOURNAL_DIR: "",
        FLEETROOM_RESULTS_DIR: "",
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let out = "";
    npm.stdout.on("data", (chunk) => {
      out += chunk;
    });
    await until(() => out.includes("game_session_started"), 20_000);
    npm.kill("SIGTERM");
    // npm's own exit code is a race; the server's last line is what counts.
    await until(() => /"event":"server_stopped","exitCode":0/.test(out), 10_000);
  }, 40_000);

  it.each([
    ["a host that is not loopback", { FLEETROOM_HOST: "0.0.0.0" }],
    ["NODE_ENV=production", { NODE_ENV: "production" }],
    ["a fleet's variable", { GAMELIFT_SDK_FLEET_ID: "fleet-1" }],
  ])("[SH6] refuses the fake validator with %s", async (_what, env) => {
    const server = await start(env as Record<string, string>);
    const { code } = await server.exited;
    expect(code).toBe(1);
    expect(server.stderr).toContain("FLEET_LOCAL_UNSAFE");
    expect(server.stdout).not.toContain("server_listening");
  });

  it("[SH7] tells all configuration mistakes at once and exits with 1", async () => {
    const server = await start({ FLEETROOM_PORT: "x", FLEETROOM_TICKRATE: "30" });
    const { code } = await server.exited;
    expect(code).toBe(1);
    expect(server.stderr).toContain("FLEETROOM_PORT");
    expect(server.stderr).toContain("FLEETROOM_TICKRATE");
  });

  it("[SH8] hosts a room with decorators, an enum and CommonJS from a module of its own", async () => {
    const server = await start({
      FLEETROOM_ROOMS: "examples/legacy-colyseus/rooms.ts",
      FLEETROOM_ROOM: "tag",
    });
    const player = await joinAs(server, "psess-local-1", { method: "joinOrCreate", room: "tag" });
    await until(() => player.states > 0);
    player.room.send("move", { x: 7, y: 1e9 });
    await until(() => [...player.room.state.runners.values()][0]?.x === 7);
    const runner = [...player.room.state.runners.values()][0];
    expect(runner).toMatchObject({ name: "player-1", x: 7, y: 100, mood: "hunting" });
    expect(player.room.state.map).toBe("meadow");
  });

  it("[SH9] names the rooms there are when the one asked for is not", async () => {
    const server = await start({ FLEETROOM_ROOM: "chess" });
    expect((await server.exited).code).toBe(1);
    expect(server.stderr).toMatch(/ROOM_UNKNOWN.*"chess".*arena.*duel/);
  });
});

describe("the local fleet", () => {
  it("[GS1] opens a new game session with all ids free after the results were shown", async () => {
    const server = await start({ FLEETROOM_ROOM: "duel", FLEETROOM_RESULTS_SECONDS: "1" });
    const players = [await joinAs(server, "psess-local-1"), await joinAs(server, "psess-local-2")];
    await until(() => players.every(({ states }) => states > 0));
    const duel = players[0]?.room;
    for (let move = 0; move < 7; move++) {
      await until(() => duel?.state.moveNumber === move && duel.state.phase === "playing");
      const mover = players.find(({ welcomes }) => welcomes[0]?.seat === duel?.state.turnSeat);
      // The first plays column 0 four times, the other answers in column 1.
      mover?.room.sendBytes("c", encodeDuelCommand({ moveNumber: move, column: move % 2 }));
    }
    await until(() => duel?.state.phase === "over");
    await until(() => players.every(({ closes }) => closes.length === 1));
    expect(players.map(({ closes }) => closes)).toEqual([[4411], [4411]]);
    await server.line("game_session_started", 2);
    const again = await joinAs(server, "psess-local-1");
    await until(() => again.states > 0);
    expect(server.results()).toMatchObject([{ outcome: "completed", room: "duel" }]);
    const [result] = server.results();
    const played = result?.["players"] as { isWinner: boolean }[];
    expect(played.map(({ isWinner }) => isWinner).sort()).toEqual([false, true]);
  });

  it("[GS2] hands a page the next free player session id", async () => {
    const server = await start();
    const next = async () => {
      const reply = await fetch(`${server.adminUrl}/local/next-player-session`, { method: "POST" });
      return (await reply.json()) as { playerSessionId: string };
    };
    await server.line("game_session_started");
    expect([await next(), await next()]).toEqual([
      { playerSessionId: "psess-local-1" },
      { playerSessionId: "psess-local-2" },
    ]);
  });
});

describe("the journal of a match", () => {
  let match: { server: ServerProcess; journal: Buffer };
  let file: string;

  beforeAll(async () => {
    const server = await start({ FLEETROOM_DRAIN_MS: "1000" });
    const player = await joinAs(server, "psess-local-1");
    await until(() => player.states > 2);
    for (let tick = 1; tick <= 40; tick++) {
      steer(player, tick);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await server.stop();
    const [recorded = ""] = server.journals();
    match = { server, journal: readFileSync(recorded) };
    file = `${recorded}.again`;
  }, 20_000);

  it("[JN1] replays to the same hash on every run, and holds no ids", () => {
    const { server, journal } = match;
    writeFileSync(file, journal);
    const [first, second] = [runReplay(file), runReplay(file)];
    expect(first.code).toBe(0);
    expect(first.out).toBe(second.out);
    const [result] = server.results();
    expect(first.out).toContain(`final hash ${result?.["stateHash"]}`);
    expect(first.out).toContain(String(result?.["resultId"]));
    const text = journal.toString("latin1");
    expect(text).not.toMatch(/player-1|psess-local/);
  });

  it("[JN2] that was altered names the first tick that differs and exits with 1", () => {
    const bytes = match.journal;
    // Aim 1.0 as f32, of some command.
    const aim = Buffer.alloc(4);
    aim.writeFloatLE(1);
    const at = bytes.indexOf(aim);
    expect(at).toBeGreaterThan(0);
    for (let offset = -5; offset < 4; offset++) {
      const altered = Buffer.from(bytes);
      altered[at + offset] = (altered[at + offset] ?? 0) ^ 0x01;
      const outcome = replay(altered, SIMULATIONS);
      expect(outcome).toMatchObject({ outcome: "differs" });
      // A process for each of them would take seconds.
      if (offset !== 0) continue;
      writeFileSync(file, altered);
      const { code, err } = runReplay(file);
      expect(code).toBe(1);
      const { firstDifferentTick } = outcome as { firstDifferentTick: number };
      expect(err).toContain(`differs, first at tick ${firstDifferentTick}:`);
    }
  });

  it("[JN3] that is cut off or no journal at all gets a clear error", () => {
    writeFileSync(file, match.journal.subarray(0, -7));
    expect(runReplay(file)).toMatchObject({ code: 1, err: expect.stringContaining("cut off") });
    writeFileSync(file, "something else");
    expect(runReplay(file)).toMatchObject({
      code: 1,
      err: expect.stringContaining("not a fleetroom journal"),
    });
    expect(runReplay(`${file}.none`)).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot read"),
    });
  });
});

describe("what the process writes", () => {
  it("[SH10] holds no player session id and no token, whatever happens", async () => {
    const server = await start({ FLEETROOM_LOG_LEVEL: "debug", FLEETROOM_DRAIN_MS: "1000" });
    const player = await joinAs(server, "psess-local-1");
    await until(() => player.states > 2);
    await refusedWith(joinAs(server, "psess-local-1"));
    await refusedWith(joinAs(server, "psess-unknown-77"));
    const token = player.room.reconnectionToken.split(":")[1] ?? "?";
    player.room.send("nobody listens to this");
    await until(() => player.closes.length + player.drops.length > 0);
    await server.stop();
    expect(server.stdout).toContain("join_refused");
    expect(server.stdout + server.stderr).not.toMatch(/psess-/);
    expect(server.stdout + server.stderr).not.toContain(token);
    expect(server.stdout + server.stderr).not.toContain(player.room.sessionId);
  });
});
