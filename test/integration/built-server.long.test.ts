import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BuiltServer } from "../support/built-server.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { AwsJsonEndpoint } from "../support/gamelift-service/aws-endpoint.ts";
import { gameLiftApi } from "../support/gamelift-service/gamelift-api.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";
import { joinAs } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const NOBODY = 65_534;

let built: BuiltServer;
beforeAll(() => {
  built = new BuiltServer();
});
afterAll(() => built[Symbol.dispose]());

const started: ServerProcess[] = [];
async function start(env: Record<string, string> = {}, program = built.program) {
  const server = await ServerProcess.start(env, [], program);
  started.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

const textOf = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
};

/** Names of Node's own parts that a process has loaded. */
function partsLoaded(server: ServerProcess): string[] {
  return (JSON.parse(/^parts (.*)$/m.exec(server.stderr)?.[1] ?? "[]") as string[]).map((part) =>
    part.replace(/^NativeModule /, ""),
  );
}

describe("the built server, with nothing beside it but Node", () => {
  it("[DE3] hosts a match over TCP, WebSocket and the stock SDK, keeps its journal and result, and drains", async () => {
    const server = await start({ FLEETROOM_DRAIN_MS: "2000" });
    expect(await textOf(`${server.adminUrl}/healthz`)).toMatchObject({ status: 200 });
    const page = await textOf(`${server.adminUrl}/`);
    expect(page.text).toContain("<!doctype html>");
    const assets = [...page.text.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)];
    expect(assets.length).toBeGreaterThan(1);
    for (const [, asset = ""] of assets) {
      expect(await textOf(`${server.adminUrl}${asset}`), asset).toMatchObject({ status: 200 });
    }
    const metrics = await textOf(`${server.adminUrl}/metrics`);
    expect(metrics.text).toContain("fleetroom_build_info{");

    const to = { port: server.port };
    const tcp = await LightPlayer.join({ ...to, transport: "tcp" }, "psess-local-1");
    const ws = await LightPlayer.join({ ...to, transport: "ws" }, "psess-local-2");
    if (typeof tcp === "number" || typeof ws === "number") throw new Error("refused");
    const stock = await joinAs(server, "psess-local-3");
    tcp.steer();
    ws.steer();
    await until(() => tcp.frameCount > 10 && ws.frameCount > 10 && stock.states > 5);

    const { code } = await server.stop("SIGTERM");
    expect(code).toBe(0);
    expect([tcp.code, ws.code, ...stock.closes]).toEqual([4413, 4413, 4413]);
    const [result] = server.results();
    expect(result).toMatchObject({ outcome: "drained" });
    expect(result?.["players"]).toHaveLength(3);
    // What the minified program computed is what the sources compute.
    const replay = spawnSync(process.execPath, ["scripts/replay.ts", server.journals()[0] ?? ""], {
      cwd: ROOT,
    });
    expect(replay.stdout.toString()).toContain(`final hash ${result?.["stateHash"]}`);
    expect(server.stderr).toBe("");
  });

  it("[DE3] hosts the Colyseus room among its own", async () => {
    const server = await start({ FLEETROOM_ROOM: "chat" });
    const player = await joinAs(server, "psess-local-1", { room: "chat", method: "joinOrCreate" });
    player.room.send("say", "hello");
    await until(() => player.room.state.lines?.length === 1);
    expect(player.room.state.lines[0]).toMatchObject({ from: "player-1", text: "hello" });
  });

  it("[DE4] lives a whole life on a fleet, and asks the AWS API where it is told to", async () => {
    await using service = await GameLiftService.open({ limits: "documented" });
    await using endpoint = await AwsJsonEndpoint.open(gameLiftApi(service), {
      clock: service.clock,
    });
    const credentials = path.join(built.folder, "credentials");
    writeFileSync(credentials, "[p]\naws_access_key_id = AKIDOURS\naws_secret_access_key = x\n");
    const flags = [
      ...["--validator", "server-sdk+api", "--aws-region", service.region],
      ...["--aws-endpoint-url", endpoint.url],
      ...["--aws-credentials-file", credentials, "--aws-profile", "p"],
    ];
    await using match = await GameLiftMatch.host({ service, flags, program: built.program });
    const player = await match.join("anna");
    await until(() => player.frameCount > 5);
    expect(endpoint.requests.map(({ operation }) => operation)).toContain("DescribePlayerSessions");
    const { code } = await match.terminate(4_000);
    expect(code).toBe(0);
    expect(match.counts).toMatchObject({ accepts: 1 });
    expect(service.violations).toEqual([]);
    expect(match.server.stderr).toBe("");
  });
});

describe("a build with a project's rooms", () => {
  it("[DE5] hosts a room with decorators, an enum and CommonJS, and guards the matchmaker", async () => {
    const project = mkdtempSync(path.join(os.tmpdir(), "fleetroom-project-"));
    writeFileSync(
      path.join(project, "rooms.ts"),
      `import { matchMaker, Room } from "colyseus";
       import { TagRoom } from "${path.join(ROOT, "examples/legacy-colyseus/tag-room.ts")}";
       class Guarded extends Room {
         onCreate() {
           this.onMessage("try", (client) => {
             try { matchMaker.createRoom("x", {}); } catch (error) { client.send("refused", error.code); }
           });
           this.onMessage("fail", () => { setTimeout(() => this.failing()); });
         }
         failing() {
           throw new Error("a fault of the room");
         }
       }
       export const rooms = { tag: TagRoom, guarded: Guarded };`,
    );
    using own = new BuiltServer(path.join(project, "rooms.ts"));
    const env = { FLEETROOM_ROOM: "guarded", NODE_OPTIONS: "--enable-source-maps" };
    const server = await start(env, own.program);
    const player = await joinAs(server, "psess-local-1");
    const refused = new Promise((resolve) => player.room.onMessage("refused", resolve));
    player.room.send("try");
    expect(await refused).toBe("NOT_ON_A_FLEET");
    player.room.send("fail");
    const { "cause.stack": stack } = await server.line("room_fault");
    expect(stack).toMatch(/at Guarded\.failing \(.*rooms\.ts:11:\d+\)/);
    const tag = await start({ FLEETROOM_ROOM: "tag" }, own.program);
    const runner = await joinAs(tag, "psess-local-1", { room: "tag", method: "joinOrCreate" });
    await until(() => runner.states > 0);
  });

  it("[DE5] ends with what to do when it is told to load other rooms", async () => {
    const server = await start({ FLEETROOM_ROOMS: "/home/me/rooms.ts" });
    expect(await server.exited).toMatchObject({ code: 1 });
    expect(server.stderr).toMatch(/ROOMS_MODULE_INVALID: .*npm run build -- --rooms/);
  });

  it("[DE5] does not build from what is no rooms module that it can read", () => {
    const run = (...words: string[]) =>
      spawnSync(process.execPath, ["scripts/build.ts", ...words], { cwd: ROOT });
    const none = run("--rooms", "/nowhere/rooms.ts");
    expect([none.status, none.stderr.toString()]).toEqual([1, "there is no /nowhere/rooms.ts\n"]);
    const broken = path.join(mkdtempSync(path.join(os.tmpdir(), "fleetroom-project-")), "rooms.ts");
    writeFileSync(broken, `import "@colyseus/core/MatchMaker"; export const rooms = {`);
    const failed = run("--rooms", broken, "--out", path.join(built.folder, "other"));
    expect(failed.status).toBe(1);
    expect(failed.stderr.toString()).toContain("rooms.ts:1:");
  });

  it("[DE7] leaves a folder alone that is not empty and no build", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-mine-"));
    writeFileSync(path.join(folder, "precious"), "");
    const { status, stderr } = spawnSync(process.execPath, ["scripts/build.ts", "--out", folder], {
      cwd: ROOT,
    });
    expect(status).toBe(1);
    expect(stderr.toString()).toContain("is no folder of a build, and not empty");
    expect(readdirSync(folder)).toEqual(["precious"]);
  });
});

describe("its start", () => {
  const NAMES = `data:text/javascript,${encodeURIComponent(
    'setTimeout(() => process.stderr.write("parts " + JSON.stringify(process.moduleLoadList) + "\\n"), 700).unref();',
  )}`;

  it("[DE8] finds what was compiled before, also after a process that was killed", async () => {
    using own = new BuiltServer();
    const debug = { NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const first = await start({}, own.program);
    await first.line("game_session_started");
    await until(() => readdirSync(own.dist).includes(".compile-cache"));
    await first.kill();
    const second = await start(debug, own.program);
    expect(second.stderr).toMatch(/main\.mjs was accepted/);
  });

  it("[DE8] does so where its own folder cannot be written to", async () => {
    using own = new BuiltServer();
    const isRoot = process.getuid?.() === 0;
    const temporary = path.join(own.folder, "tmp");
    const places = path.join(own.folder, "places");
    for (const folder of [temporary, places]) mkdirSync(folder);
    if (isRoot) for (const folder of [temporary, places]) chownSync(folder, NOBODY, NOBODY);
    chmodSync(own.folder, 0o755);
    chmodSync(own.dist, 0o555);
    const run = () =>
      spawnSync(process.execPath, [own.program.file, "--port", "0"], {
        cwd: own.folder,
        ...(isRoot && { uid: NOBODY, gid: NOBODY }),
        env: {
          TMPDIR: temporary,
          NODE_DEBUG_NATIVE: "COMPILE_CACHE",
          FLEETROOM_JOURNAL_DIR: path.join(places, "journals"),
          FLEETROOM_RESULTS_DIR: path.join(places, "results"),
        },
        timeout: 3_000,
        killSignal: "SIGTERM",
      });
    run();
    const { stderr, status } = run();
    chmodSync(own.dist, 0o755);
    expect(readdirSync(own.dist)).not.toContain(".compile-cache");
    expect(stderr.toString()).toMatch(/main\.mjs was accepted/);
    expect(status).toBe(0);
  });

  it("[DE9] loads neither the AWS SDK nor Node's HTTP client", async () => {
    const server = await start({
      NODE_OPTIONS: `--import=${NAMES}`,
      NODE_DEBUG_NATIVE: "COMPILE_CACHE",
    });
    await until(() => partsLoaded(server).length > 0);
    expect(partsLoaded(server)).toContain("http");
    expect(partsLoaded(server)).not.toContain("internal/deps/undici/undici");
    expect(server.stderr).toContain("main.mjs");
    expect(server.stderr).not.toContain("api-client");
  });
});
