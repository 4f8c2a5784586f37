import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as core from "@colyseus/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ErrorCode, GameServerError } from "../../../server/errors.ts";
import { openGames } from "../../../server/games.ts";
import { loadRoomsModule } from "../../../server/host/rooms-module.ts";

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string, name = `rooms-${++files}.ts`): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const load = (text: string, name?: string) => loadRoomsModule(write(text, name));

async function refusal(loading: Promise<unknown>): Promise<GameServerError> {
  try {
    await loading;
  } catch (error) {
    if (error instanceof GameServerError) return error;
    throw error;
  }
  throw new Error("the module was not refused");
}

const ROOM = `import { Room } from "@colyseus/core"; class MyRoom extends Room {}`;
const METHODS = ["create", "join", "leave", "decode", "advance", "result", "standing", "hash"];
const REPLICA_METHODS = ["create", "join", "leave", "write"];
const objectOf = (methods: readonly string[], more = "") =>
  `{ ${methods.map((method) => `${method}() {}`).join(", ")}${more && `, ${more}`} }`;
const simulationWith = (methods: readonly string[], replica: readonly string[]) =>
  `export const rooms = { game: ${objectOf(methods, `replica: ${objectOf(replica)}`)} }`;

describe("a rooms module", () => {
  it.each<[string, string, string?]>([
    ["the export rooms", `${ROOM} export const rooms = { mine: MyRoom };`],
    ["a default export", `${ROOM} export default { mine: MyRoom };`],
    ["a default export with rooms in it", `${ROOM} export default { rooms: { mine: MyRoom } };`],
    [
      "CommonJS",
      `const { Room } = require("colyseus"); exports.rooms = { mine: class extends Room {} };`,
      "a.cjs",
    ],
    [
      "a CommonJS object",
      `const { Room } = require("@colyseus/core"); module.exports = { mine: class extends Room {} };`,
      "b.cjs",
    ],
  ])("[RM20] names its rooms in %s", async (_what, text, name) => {
    const games = await load(text, name);
    expect([...games.keys()]).toEqual(["mine"]);
    expect(games.get("mine")).toMatchObject({ kind: "room", options: {} });
  });

  it("[RM20] uses rooms rather than its default export", async () => {
    const games = await load(
      `${ROOM} export const rooms = { a: MyRoom }; export default { b: MyRoom };`,
    );
    expect([...games.keys()]).toEqual(["a"]);
  });

  it("[RM20] has the server's own Room, so that its classes are rooms to the server", async () => {
    const games = await load(
      `export { Room } from "colyseus"; ${ROOM} export const rooms = { a: MyRoom };`,
    );
    const game = games.get("a");
    expect(game?.kind === "room" && game.roomClass.prototype).toBeInstanceOf(core.Room);
  });

  it("[RM20] may give options of its own with defineRoom", async () => {
    const games = await load(
      `import { defineRoom } from "colyseus"; ${ROOM} export const rooms = { a: defineRoom(MyRoom, { rounds: 3 }), b: defineRoom(MyRoom) };`,
    );
    expect(games.get("a")).toMatchObject({ kind: "room", options: { rounds: 3 } });
    expect(games.get("b")).toMatchObject({ kind: "room", options: {} });
    const { roomClass } = games.get("a") as { roomClass: { name: string } };
    expect(roomClass.name).toBe("MyRoom");
  });

  it("[RM20] may bring whole Simulations", async () => {
    const games = await load(simulationWith(METHODS, REPLICA_METHODS));
    expect(games.get("game")?.kind).toBe("simulation");
  });

  it("[RM20] reads files beside it and installed packages as if it ran where it lies", async () => {
    write(`exports.name = "installed-" + require("./part.cjs");`, "node_modules/thing/index.js");
    write(`module.exports = "whole";`, "node_modules/thing/part.cjs");
    write(`export enum Mode { Fast = "fast" }`, "mode.ts");
    const games = await load(
      `import { defineRoom } from "colyseus"; import { name } from "thing"; import { Mode } from "./mode"; import fs from "fs";
       ${ROOM} export const rooms = { a: defineRoom(MyRoom, { name, mode: Mode.Fast, fs: typeof fs.readFileSync }) };`,
    );
    expect(games.get("a")).toMatchObject({
      options: { name: "installed-whole", mode: "fast", fs: "function" },
    });
  });

  it("[RM20] requires installed packages as if it ran where it lies", async () => {
    write(`exports.name = "required-whole";`, "node_modules/other/index.js");
    const games = await load(
      `const { name } = require("other"); const { Room } = require("colyseus");
       exports.rooms = { a: { klass: class extends Room {}, options: { name } }, b: { klass: class extends Room {} } };`,
      "requires.cjs",
    );
    expect(games.get("a")).toMatchObject({ options: { name: "required-whole" } });
    expect(Reflect.get(games.get("b") ?? {}, "options")).toEqual({});
  });

  it("[RM20] leaves nothing in the temporary folder", async () => {
    const temporary = path.join(folder, "temporary");
    mkdirSync(temporary);
    const files = [
      write(`${ROOM} export const rooms = { a: MyRoom };`),
      write(`throw new Error("no");`),
    ];
    vi.stubEnv("TMPDIR", temporary);
    await loadRoomsModule(files[0] ?? "");
    await refusal(loadRoomsModule(files[1] ?? ""));
    vi.unstubAllEnvs();
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("a rooms module that cannot be used", () => {
  it.each<[string, string, RegExp]>([
    [
      "has a syntax error",
      "export const rooms = {",
      /Unexpected end|Expected .* but found end of file/,
    ],
    [
      "imports what is not there",
      `import x from "not-installed"; export const rooms = { x };`,
      /"not-installed"/,
    ],
    [
      "exports nothing of use",
      "export const games = {};",
      /exports neither "rooms" nor a default object/,
    ],
    [
      "exports a text",
      `export const rooms = "mine";`,
      /exports neither "rooms" nor a default object/,
    ],
    ["names no rooms", "export const rooms = {};", /maps no names to rooms/],
    [
      "names a room badly",
      `${ROOM} export const rooms = { "my room": MyRoom };`,
      /"my room" is no room name/,
    ],
    [
      "names a room with nothing",
      `${ROOM} export const rooms = { "": MyRoom };`,
      /"" is no room name/,
    ],
    [
      "has something else for a room",
      "export const rooms = { a: 1 };",
      /"a" is neither a Simulation nor a Room class/,
    ],
    ["has null for a room", "export const rooms = { a: null };", /"a" is neither/],
    ["has a class that is none", "export const rooms = { a: class Room {} };", /"a" is neither/],
    ["has a function for a room", "export const rooms = { a: () => {} };", /"a" is neither/],
    [
      "reaches into Colyseus",
      `import { Room } from "@colyseus/core/Room"; export const rooms = { Room };`,
      /@colyseus\/core\/Room is Colyseus's own inside; import from "@colyseus\/core"/,
    ],
    [
      "requires Colyseus's inside",
      `const x = require("@colyseus/core/build/MatchMaker"); export const rooms = { x };`,
      /Colyseus's own inside/,
    ],
    ["throws an error", `throw new Error("no database");`, /: no database$/],
    [
      "rejects at the top level",
      `await Promise.reject(new TypeError("no licence"));`,
      /: no licence$/,
    ],
    ["throws nothing", "throw undefined;", /: undefined$/],
    ["throws an object without a name", "throw Object.create(null);", /\[Object: null prototype\]/],
    [
      "throws while its rooms are read",
      `export const rooms = { get a() { throw new Error("too early"); } };`,
      /: too early$/,
    ],
  ])("[RM21] because it %s is refused with words that say so", async (_what, text, words) => {
    const file = write(text);
    const error = await refusal(loadRoomsModule(file));
    expect(error.code).toBe(ErrorCode.ROOMS_MODULE_INVALID);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(file);
  });

  it("[RM21] because it is not there is refused with its name", async () => {
    const file = path.join(folder, "none.ts");
    const error = await refusal(loadRoomsModule(file));
    expect(error).toMatchObject({ code: ErrorCode.ROOMS_MODULE_INVALID });
    expect(error.message).toContain(`Could not resolve "${file}"`);
  });

  it.each([
    ...METHODS.map((missing) => ({ missing, where: "game" })),
    ...REPLICA_METHODS.map((missing) => ({ missing, where: "replica" })),
  ])("[RM21] because a Simulation lacks $missing in its $where is refused", async (part) => {
    const without = (names: string[], where: string) =>
      names.filter((name) => part.where !== where || name !== part.missing);
    const text = simulationWith(without(METHODS, "game"), without(REPLICA_METHODS, "replica"));
    const error = await refusal(load(text));
    expect(error.message).toMatch(/"game" is neither a Simulation nor a Room class/);
  });

  it.each(['""', "7", `"${"7".repeat(65)}"`])(
    "[RM21] because no client can say its schemaVersion is refused (%s)",
    async (version) => {
      const text = `${ROOM} MyRoom.schemaVersion = ${version}; export const rooms = { game: MyRoom };`;
      const error = await refusal(load(text));
      expect(error.message).toMatch(/"game" has a schemaVersion that no client can say: make it/);
    },
  );

  it("[RM21] keeps what was thrown as its cause", async () => {
    const error = await refusal(load(`throw new RangeError("why");`));
    expect(error.cause).toMatchObject({ name: "RangeError", message: "why" });
  });
});

describe("picking a game", () => {
  it("[RM22] finds it by name, and else tells which names there are", async () => {
    const file = write(`${ROOM} export const rooms = { tag: MyRoom, race: MyRoom };`);
    const games = await openGames({ rooms: file, room: "race" });
    expect(games.gameFor({ gameProperties: {} })).toMatchObject({ kind: "room" });
    for (const name of ["chess", "constructor", "__proto__"]) {
      const error = await refusal(openGames({ rooms: file, room: name }));
      expect(error.code).toBe(ErrorCode.ROOM_UNKNOWN);
      expect(error.message).toContain(`there is no room "${name}"`);
      expect(error.message).toContain("there is tag, race");
    }
  });
});
