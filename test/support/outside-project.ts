/**
 * A project of somebody else's, outside this repository: the packed package, a decorated Colyseus room and a Simulation.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = path.join(import.meta.dirname, "../..");

const COUNTER = `import { type SchemaType, schema, t } from "@colyseus/schema";
import { type Simulation, StateHash } from "fleetroom";

export const WORTH = 1;
interface State { readonly presses: (number | undefined)[] }
const Shown = schema({ presses: t.map("uint16"), worth: t.uint8().default(0) }, "Shown");
type Shown = SchemaType<typeof Shown>;

export const counter: Simulation<State, "press", Shown> = {
  name: "counter",
  version: 1,
  tickRateHz: 20,
  seatsMax: 4,
  commandBytesMax: 1,
  commandsPerTickMax: 1,
  replica: {
    create: () => new Shown(),
    join() {},
    leave(shown, seat) { shown.presses.delete(String(seat)); },
    write(state, shown) {
      shown.worth = WORTH;
      state.presses.forEach((count, seat) => {
        if (count !== undefined) shown.presses.set(String(seat), count);
      });
    },
  },
  create: ({ seatsMax }) => ({ presses: new Array(seatsMax).fill(undefined) }),
  join(state, seat) { state.presses[seat] = 0; },
  leave(state, seat) { state.presses[seat] = undefined; },
  decode: (bytes) => (bytes.length === 1 && bytes[0] === 1 ? "press" : undefined),
  advance(state, commands) {
    for (const { seat } of commands) state.presses[seat] = (state.presses[seat] ?? 0) + WORTH;
  },
  result: () => undefined,
  standing: () => ({ winners: [], scores: [] }),
  hash(state) {
    const hash = new StateHash();
    for (const count of state.presses) hash.addUint32(count ?? 65_535);
    return hash.digest();
  },
};
`;

const TAG = `import { type Client, Room } from "@colyseus/core";
import { MapSchema, Schema, type } from "@colyseus/schema";

class Runner extends Schema {
  @type("number") x = 0;
}
class Field extends Schema {
  @type({ map: Runner }) runners = new MapSchema<Runner>();
}

export class TagRoom extends Room {
  maxClients = 8;
  state = new Field();

  onCreate() {
    this.onMessage("move", (client: Client, x: number) => {
      const runner = this.state.runners.get(client.sessionId);
      if (runner !== undefined) runner.x = x;
    });
  }
  onJoin(client: Client) {
    this.state.runners.set(client.sessionId, new Runner());
  }
  onLeave(client: Client) {
    this.state.runners.delete(client.sessionId);
  }
}
`;

const ROOMS = `import { counter } from "./counter";
import { TagRoom } from "./tag-room";
export const rooms = { counter, tag: TagRoom };
`;

/** Uses all that the package exports, so that its types are held against a strict compiler. */
const USES = `import { createRandom, nextBelow, type Simulation } from "fleetroom";
import { askLobby, CloseCode, joinMatch, type JoinOutcome, SnapshotDecoder } from "fleetroom/client";
import { type RunningEmulator, startEmulator } from "fleetroom/emulator";
import { GameLiftError, ServerSdk } from "fleetroom/gamelift-server-sdk";

export const roll: number = nextBelow(createRandom(1), 6);
export type Version = Simulation["version"];
export async function play(lobbyUrl: string): Promise<JoinOutcome<{ worth: number }> | number> {
  const asked = await askLobby(lobbyUrl, { game: "counter" });
  if (asked.state === "refused") return asked.refusal.mayRetry ? CloseCode.TRY_AGAIN : 0;
  return joinMatch<{ worth: number }>(asked.seat.playerSessionId, { url: asked.seat.url });
}
export const decoder = new SnapshotDecoder([], 20);
export async function fleet(): Promise<string> {
  const emulator: RunningEmulator = await startEmulator({ port: 0 });
  await emulator.close();
  return emulator.url;
}
export async function host(): Promise<string> {
  const sdk = await ServerSdk.initSdk({}, { environment: process.env });
  await sdk.processReady({ port: 7777, logPaths: ["logs"], onStartGameSession() {}, onProcessTerminate() {} });
  return new GameLiftError("x" as never, "y").name;
}
// @ts-expect-error: nothing else can be imported
import "fleetroom/lib/server/main.js";
`;

/** The states of both rooms, as a client sees them. */
export interface Shown {
  readonly presses: Map<string, number>;
  readonly worth: number;
  readonly runners: Map<string, { x: number }>;
}

const COMPILER_OPTIONS = {
  target: "es2022",
  lib: ["es2022"],
  types: ["node"],
  strict: true,
  noEmit: true,
};

export class OutsideProject implements Disposable {
  readonly #made = mkdtempSync(path.join(os.tmpdir(), "fleetroom-outside-"));
  /** With a blank, as people's folders have one. */
  readonly folder = path.join(this.#made, "my game");
  /** What npm said of the package. */
  readonly packed: {
    readonly size: number;
    readonly unpackedSize: number;
    readonly entryCount: number;
  };

  constructor() {
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", this.#made], {
        cwd: ROOT,
        encoding: "utf8",
      }),
    ) as [{ filename: string } & OutsideProject["packed"]];
    this.packed = packed;
    mkdirSync(this.folder);
    this.#write(`file:${path.join(this.#made, packed.filename)}`);
    // Without install scripts: none is needed.
    const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", ["install", ...flags], {
      cwd: this.folder,
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#made, { recursive: true, force: true });
  }

  #write(fleetroom: string): void {
    const json = (value: unknown) => JSON.stringify(value, null, 2);
    const { devDependencies } = packageJson;
    const description = {
      name: "my-game",
      private: true,
      type: "module",
      dependencies: { fleetroom },
      devDependencies: { "@types/node": devDependencies["@types/node"] },
    };
    // As projects that are bundled have it, and as Node itself has it.
    const bundled = { module: "esnext", moduleResolution: "bundler" };
    const decorated = { experimentalDecorators: true, useDefineForClassFields: false };
    const files = {
      "package.json": json(description),
      "tsconfig.json": json({ compilerOptions: { ...COMPILER_OPTIONS, ...bundled, ...decorated } }),
      "tsconfig.uses.json": json({
        compilerOptions: { ...COMPILER_OPTIONS, module: "nodenext" },
        files: ["uses.ts"],
      }),
      "counter.ts": COUNTER,
      "tag-room.ts": TAG,
      "rooms.ts": ROOMS,
      "uses.ts": USES,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(this.file(name), `${text}\n`);
  }
}
