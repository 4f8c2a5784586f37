import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { CloseCode } from "../../protocol/close-codes.ts";
import { until } from "../support/in-process-server.ts";
import { OutsideProject } from "../support/outside-project.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const PACKED_BYTES_MAX = 1_500_000;
const UNPACKED_BYTES_MAX = 6_000_000;

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

/** A program that runs on, in a group of its own as a terminal makes one. */
class Running {
  readonly child: ChildProcess;
  output = "";

  constructor(command: string, words: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(command, words, {
      cwd: project.folder,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  async says(pattern: RegExp, withinMs = 30_000): Promise<string> {
    await until(() => pattern.test(this.output) || this.child.exitCode !== null, withinMs);
    const [, found] = pattern.exec(this.output) ?? [];
    if (found === undefined) throw new Error(`no ${pattern} in:\n${this.output}`);
    return found;
  }

  /** Ctrl-C. @returns The exit code. */
  async interrupt(): Promise<number | null> {
    const closed = once(this.child, "close");
    process.kill(-(this.child.pid ?? 0), "SIGINT");
    const [code] = (await closed) as [number | null];
    return code;
  }

  kill(): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    process.kill(-(this.child.pid ?? 0), "SIGKILL");
  }
}

const running: Running[] = [];
function started(...given: ConstructorParameters<typeof Running>): Running {
  const program = new Running(...given);
  running.push(program);
  return program;
}

interface Shown {
  readonly presses: Map<string, number>;
  readonly worth: number;
  readonly runners: Map<string, { x: number }>;
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
  let dev: Running;
  let lobby = "";
  let page = "";
  beforeAll(async () => {
    dev = new Running("npx", ["fleetroom", "dev", "--port", "0", "--no-prometheus"]);
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
    expect(await (await fetch(`${page}/main.js`)).text()).toContain("joinOrCreate");
  });

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

  it("[PK11] has written nothing into the packages", () => {
    expect(filesOfPackages()).toEqual(installed);
  });
});
