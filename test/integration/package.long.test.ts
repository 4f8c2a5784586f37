import { spawnSync } from "node:child_process";
import { globSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { GameLiftClient } from "@aws-sdk/client-gamelift";
import { Client, type Room } from "@colyseus/sdk";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../emulator/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { CloseCode } from "../../protocol/close-codes.ts";
import { createRandom, nextBelow } from "../../rooms/authoring.ts";
import { Chromium, hasChromium } from "../support/chromium.ts";
import { until } from "../support/in-process-server.ts";
import { OutsideProject, type Shown } from "../support/outside-project.ts";
import { joinPlaced } from "../support/placed-room.ts";
import { RunningProgram } from "../support/running-program.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const PACKED_BYTES_MAX = 1_500_000;
const UNPACKED_BYTES_MAX = 6_000_000;

/** What a system has beside the Node of this repository. */
const OLD_NODE = ["/usr/bin/node", "/usr/local/bin/node"].find(isOld);
if (OLD_NODE === undefined) {
  process.stderr.write("SKIPPED: the command on an old Node; there is none on this machine\n");
}
if (!mayVerify()) {
  process.stderr.write("SKIPPED: fleetroom verify needs Linux on x64, and root\n");
}
if (!hasChromium) {
  process.stderr.write("SKIPPED: the page of a project; install Debian's chromium to run it\n");
}

function mayVerify(): boolean {
  return process.platform === "linux" && process.arch === "x64" && process.getuid?.() === 0;
}

function isOld(node: string): boolean {
  const { stdout, status } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 && Number.parseInt(stdout.slice(1), 10) < 24;
}

let project: OutsideProject;
let installed: string[];
beforeAll(() => {
  project = new OutsideProject();
  installed = filesOfPackages();
}, 120_000);
afterAll(() => project?.[Symbol.dispose]());

function filesOfPackages(): string[] {
  return globSync("node_modules/**/*", { cwd: project.folder }).sort();
}

function fleetroom(...words: string[]) {
  // npm has things of its own to say on standard error.
  const program = project.file("node_modules/.bin/fleetroom");
  return spawnSync(program, words, { cwd: project.folder, encoding: "utf8" });
}

const running: RunningProgram[] = [];
function started(command: string, words: readonly string[], env?: Record<string, string>) {
  const program = new RunningProgram(project.folder, command, words, env);
  running.push(program);
  return program;
}

async function join(url: string, game: string): Promise<Room<unknown, Shown>> {
  const room = await new Client(url).joinOrCreate<Shown>(game, {});
  for (const type of ["welcome", "draining"]) room.onMessage(type, () => {});
  return room as unknown as Room<unknown, Shown>;
}

describe("the package in a project of its own", () => {
  it("[PK3] is small and installs without scripts, with one copy of what keeps classes, and the pinned ws", () => {
    expect(project.packed.size).toBeLessThan(PACKED_BYTES_MAX);
    expect(project.packed.unpackedSize).toBeLessThan(UNPACKED_BYTES_MAX);
    const { packages } = JSON.parse(
      readFileSync(project.file("node_modules/.package-lock.json"), "utf8"),
    ) as { packages: Record<string, { version: string }> };
    const copies = (name: string) =>
      Object.entries(packages).flatMap(([at, { version }]) =>
        at.endsWith(`node_modules/${name}`) ? [version] : [],
      );
    for (const name of ["@colyseus/core", "@colyseus/schema", "@colyseus/sdk", "ws"] as const) {
      expect(copies(name), name).toEqual([packageJson.dependencies[name]]);
    }
    const names = globSync("node_modules/fleetroom/*", { cwd: project.folder }).map((file) =>
      path.basename(file),
    );
    expect(names.sort()).toEqual(
      ["CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "docs", "lib", "package.json"].sort(),
    );
  });

  it.each(["tsconfig.uses.json", "tsconfig.json"])(
    "[PK2] has types that a strict compiler takes: %s",
    (name) => {
      const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
      // Colyseus's own types are not all right; ours are held against the compiler without mercy.
      const mercy = name === "tsconfig.json" ? ["--skipLibCheck"] : [];
      const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", name, ...mercy], {
        cwd: project.folder,
        encoding: "utf8",
      });
      expect([stdout, status]).toEqual(["", 0]);
    },
  );

  it("[PK2] gives clients what a browser can load, and Node what it can run", async () => {
    const use =
      'import { joinMatch, SnapshotDecoder } from "fleetroom/client"; joinMatch("", { url: "" });';
    const bundle = await build({
      stdin: { contents: use, resolveDir: project.folder },
      bundle: true,
      write: false,
      metafile: true,
      platform: "browser",
      logLevel: "silent",
    });
    const inputs = Object.keys(bundle.metafile.inputs).join("\n");
    expect(inputs).toContain("fleetroom/lib/client/connection.js");
    expect(inputs).not.toMatch(/lib\/(?:server|emulator|scripts)\//);
    const program = `
      import { createRandom, nextBelow } from "fleetroom";
      import { startEmulator } from "fleetroom/emulator";
      import { ServerSdk } from "fleetroom/gamelift-server-sdk";
      const emulator = await startEmulator();
      const answer = await fetch(emulator.url + "/_fleetroom/state");
      await emulator.close();
      console.log(answer.status, nextBelow(createRandom(1), 6), typeof ServerSdk.initSdk);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { cwd: project.folder, encoding: "utf8" },
    );
    expect([stderr, stdout.trim()]).toEqual(["", `200 ${nextBelow(createRandom(1), 6)} function`]);
  });

  it.skipIf(OLD_NODE === undefined)("[PK4] says which Node it needs, on a real old one", () => {
    const program = project.file("node_modules/fleetroom/lib/scripts/fleetroom.js");
    const { stdout, stderr, status } = spawnSync(OLD_NODE ?? "", [program, "dev"], {
      encoding: "utf8",
    });
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toMatch(
      /^fleetroom needs Node 24 or newer, and this is \d+\.\d+\.\d+: [^\n]+\n$/,
    );
  });

  it("[PK10] finds nothing wrong with it", () => {
    const { stdout, stderr, status } = fleetroom("doctor");
    expect(stdout).toMatch(
      /rooms +good +rooms\.ts: counter \(a Simulation, up to 4 players\), tag \(a Colyseus room, up to 8/,
    );
    expect(stdout).toMatch(/packages +good/);
    expect([stderr, status]).toEqual(["", 0]);
  });
});

describe("fleetroom dev there", () => {
  let dev: RunningProgram;
  let lobby = "";
  let page = "";
  beforeAll(async () => {
    dev = new RunningProgram(project.folder, "npx", [
      ...["fleetroom", "dev", "--port", "0", "--no-prometheus"],
    ]);
    page = await dev.says(/Open (\S+) to see and join your rooms: counter, tag\./);
    lobby = await dev.says(/The lobby, for Colyseus clients too: (\S+)/);
  }, 60_000);
  afterAll(() => dev?.kill());

  it("[PK8] lets the stock client play a decorated room and a Simulation", async () => {
    const tag = await join(lobby, "tag");
    const counter = await join(lobby, "counter");
    tag.send("move", 42);
    counter.sendBytes("c", Uint8Array.of(1));
    await until(() => tag.state.runners?.get(tag.sessionId)?.x === 42);
    await until(() => counter.state.presses?.get("0") === 1);
    expect(counter.state.worth).toBe(1);
    await Promise.all([tag.leave(), counter.leave()]);
  }, 60_000);

  it("[PK12] shows a page that names the rooms", async () => {
    const html = await (await fetch(page)).text();
    const games = await (await fetch(`${page}/games.json`)).json();
    expect(html).toContain("Your rooms");
    expect(games).toEqual([
      { name: "counter", kind: "simulation", seatsMax: 4 },
      { name: "tag", kind: "room", seatsMax: 8 },
    ]);
  });

  it.skipIf(!hasChromium)(
    "[PK12] joins a room on its page, shows its state, and sends what is typed",
    async () => {
      await using browser = await Chromium.open();
      const tab = await browser.newPage();
      await tab.goto(page);
      const text = (id: string) => tab.locator(`#${id}`).innerText();
      const send = async (type: string, value: string) => {
        await tab.fill("#message-type", type);
        await tab.fill("#message-value", value);
        await tab.click("text=Send");
      };
      await expect.poll(() => text("stock")).toContain(lobby);
      await tab.click("li:has-text('counter') button");
      await expect.poll(() => text("messages"), { timeout: 10_000 }).toContain('"game":"counter"');
      await send("c", "0x01");
      await expect.poll(() => text("state")).toMatch(/"presses": \{\s*"0": 1\s*\}/);
      await tab.click("text=Leave");
      await expect.poll(() => text("seat-words")).toBe("You left.");
      await tab.click("li:has-text('tag') button");
      await expect.poll(() => text("state"), { timeout: 10_000 }).toContain('"x": 0');
      await send("move", "-3.5");
      await expect.poll(() => text("state")).toContain('"x": -3.5');
      await send("move", "not json");
      expect(await text("seat-words")).toContain("neither JSON nor bytes");
      await tab.close();
      expect(browser.complaints).toEqual([]);
    },
    60_000,
  );

  it("[PK8] ends matches when a rule changes, and has the new rule in the next; a broken module changes nothing", async () => {
    const counter = project.file("counter.ts");
    const text = readFileSync(counter, "utf8");
    const room = await join(lobby, "counter");
    const left = new Promise<number>((resolve) => room.onLeave(resolve));
    writeFileSync(counter, text.replace("WORTH = 1", "WORTH = 7"));
    expect(await left).toBe(CloseCode.SERVER_DRAINED);
    const next = await join(lobby, "counter");
    next.sendBytes("c", Uint8Array.of(1));
    await until(() => next.state.presses?.get("0") === 7, 15_000);
    writeFileSync(counter, `${text}\n}`);
    await dev.says(/(The servers go on with the rooms as they were\.[\s\S]*counter\.ts:\d+)/);
    next.sendBytes("c", Uint8Array.of(1));
    await until(() => next.state.presses?.get("0") === 14, 15_000);
    await next.leave();
    writeFileSync(counter, text);
  }, 90_000);

  it("[PK8] offers a room that has come to the module", async () => {
    const rooms = project.file("rooms.ts");
    const text = readFileSync(rooms, "utf8");
    await expect(join(lobby, "second")).rejects.toThrow();
    writeFileSync(rooms, text.replace("{ counter,", "{ second: counter, counter,"));
    const names = async () =>
      ((await (await fetch(`${page}/games.json`)).json()) as { name: string }[]).map(
        ({ name }) => name,
      );
    await expect.poll(names, { timeout: 15_000 }).toEqual(["second", "counter", "tag"]);
    let room: Room<unknown, Shown> | undefined;
    const tryToJoin = async () => {
      room ??= await join(lobby, "second").catch(() => undefined);
      return room !== undefined;
    };
    await expect.poll(tryToJoin, { timeout: 20_000 }).toBe(true);
    await until(() => room?.state.worth === 1);
    await room?.leave();
    writeFileSync(rooms, text);
  }, 90_000);

  it("[PK8] ends with one Ctrl-C", async () => {
    await dev.interrupt();
    await expect(fetch(page)).rejects.toThrow();
    await expect(fetch(lobby)).rejects.toThrow();
  }, 30_000);
});

describe("its other commands there", () => {
  afterEach(() => {
    for (const program of running.splice(0)) program.kill();
  });

  it("[PK7] starts a server of the first room", async () => {
    const server = started("npx", ["fleetroom", "start", "--port", "0"]);
    const port = await server.says(/"server_listening".*?"port":(\d+)/);
    const room = await new Client(`http://127.0.0.1:${port}`).joinById<Shown>("match", {
      playerSessionId: "psess-local-1",
    });
    for (const type of ["welcome", "draining"]) room.onMessage(type, () => {});
    await until(() => (room.state as unknown as Shown).worth === 1);
    await room.leave();
    await server.interrupt();
  }, 60_000);

  it("[PK9] names what does not build from where the project is", () => {
    writeFileSync(project.file("broken.ts"), "export const rooms = {");
    const { stderr, status } = fleetroom("build", "--rooms", "broken.ts", "--out", "made");
    expect(stderr).toMatch(/^(?:cannot build: )?broken\.ts:1:\d+: /m);
    expect(status).toBe(1);
  });

  it("[PK9] builds the rooms into a server that hosts them with nothing beside it", async () => {
    const { stderr, status } = fleetroom("build", "--out", "made");
    expect([stderr, status]).toEqual(["", 0]);
    // Away from the packages that it was made of.
    const elsewhere = path.join(project.folder, "../alone");
    renameSync(project.file("made"), elsewhere);
    const [licenses = "", program = ""] = ["THIRD-PARTY-LICENSES", "server.mjs"].flatMap((name) =>
      globSync(`**/${name}`, { cwd: elsewhere }).map((file) => path.join(elsewhere, file)),
    );
    for (const name of ["fleetroom", "@colyseus/core", "ws"]) {
      expect(readFileSync(licenses, "utf8")).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
    const server = started(process.execPath, [program, "--port", "0", "--room", "tag"]);
    const port = await server.says(/"server_listening".*?"port":(\d+)/);
    const room = await new Client(`http://127.0.0.1:${port}`).joinById<Shown>("match", {
      playerSessionId: "psess-local-1",
    });
    room.send("move", 5);
    await until(() => (room.state as unknown as Shown).runners?.get(room.sessionId)?.x === 5);
    await room.leave();
    await server.interrupt();
  }, 60_000);

  it.skipIf(!mayVerify())(
    "[PK15] verifies the build of a project whose usual room is a Colyseus room",
    () => {
      expect(fleetroom("build", "--room", "tag").status).toBe(0);
      const { stdout, stderr, status } = fleetroom("verify", "--processes", "2");
      expect(stdout).not.toContain("BROKEN");
      expect(stdout).toMatch(/ok +a player joins and plays over tls/);
      expect([stderr, status]).toEqual(["", 0]);
    },
    120_000,
  );

  it("[PK14] makes the machine a compute of an Anywhere fleet, with servers of the rooms", async () => {
    const fleet = {
      Region: "eu-north-1",
      Locations: ["custom-desk"],
      Fleets: [
        {
          FleetId: "fleet-mine",
          Name: "mine",
          ComputeType: "ANYWHERE",
          Locations: [{ Location: "custom-desk" }],
          AnywhereConfiguration: { Cost: "1" },
        },
      ],
    };
    await using emulator = await startEmulator({ fleet });
    const credentials = { accessKeyId: "any", secretAccessKey: "any" };
    const api = new GameLiftClient({
      endpoint: emulator.url,
      region: emulator.region,
      credentials,
    });
    const place = ["--fleet-id", "fleet-mine", "--location", "custom-desk"];
    const words = ["anywhere", ...place, "--endpoint-url", emulator.url];
    const supervisor = started(project.file("node_modules/.bin/fleetroom"), words, {
      ...{ AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any", AWS_REGION: emulator.region },
      FLEETROOM_HOST: "127.0.0.1",
    });
    await supervisor.says(/("server_listening")/);
    const room = await joinPlaced<Shown>(api, "tag");
    room.send("move", 8);
    await until(() => (room.state as unknown as Shown).runners?.get(room.sessionId)?.x === 8);
    await room.leave();
    expect(await supervisor.interrupt()).toBe(0);
    api.destroy();
  }, 60_000);

  it("[PK11] has written nothing into the packages", () => {
    expect(filesOfPackages()).toEqual(installed);
    expect(readdirSync(project.file(".fleetroom"))).toEqual(
      expect.arrayContaining(["dev", "journals"]),
    );
  });
});
