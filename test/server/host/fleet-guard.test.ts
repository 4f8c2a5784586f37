import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as core from "@colyseus/core";
import { describe, expect, it } from "vitest";
import { ErrorCode, GameServerError } from "../../../server/errors.ts";
import { defineServer, matchMaker, Server } from "../../../server/host/fleet-guard.ts";
import { loadRoomsModule } from "../../../server/host/rooms-module.ts";

const READABLE = [
  "MatchMakerState",
  "driver",
  "findOneRoomAvailable",
  "getLocalRoomById",
  "getRoomById",
  "onReady",
  "presence",
  "processId",
  "publicAddress",
  "query",
  "state",
  "stats",
];
const every = Object.keys(core.matchMaker);
const refused = every.filter((name) => !READABLE.includes(name));
const call = (name: string, ...args: unknown[]) =>
  (matchMaker as unknown as Record<string, (...all: unknown[]) => unknown>)[name]?.(...args);

function refusal(act: () => unknown): GameServerError {
  try {
    act();
  } catch (error) {
    if (error instanceof GameServerError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("the matchmaker that a hosted room's code gets", () => {
  it("[RM25] has rooms to refuse and things to read", () => {
    expect(refused).toEqual(
      expect.arrayContaining(["createRoom", "joinOrCreate", "reserveSeatFor"]),
    );
    expect(every).toEqual(expect.arrayContaining(READABLE));
  });

  it.each(refused)("[RM25] refuses %s with words that name it", (name) => {
    const error = refusal(() => call(name, "my_room", {}));
    expect(error.code).toBe(ErrorCode.NOT_ON_A_FLEET);
    expect(error.message).toContain(`matchMaker.${name}`);
    expect(error.message).toContain("one server process hosts one game session");
    expect(error.message).toContain("docs/MIGRATING.md");
  });

  it("[RM25] refuses what is no call when it is read", () => {
    const error = refusal(() => matchMaker.controller);
    expect(error.message).toContain("matchMaker.controller is not possible here");
  });

  it.each(READABLE)("[RM25] lets %s be read as it is", (name) => {
    expect(Reflect.get(matchMaker, name)).toBe(Reflect.get(core.matchMaker, name));
  });

  it("[RM25] shows what it reads as it is now, and can be awaited and printed", async () => {
    await core.matchMaker.setup();
    expect(matchMaker.processId).toMatch(/./);
    expect(await matchMaker.query({})).toEqual([]);
    expect(await matchMaker).toBe(matchMaker);
    expect(`${Object.prototype.toString.call(matchMaker)}`).toContain("object");
  });

  it("[RM25] is not given back its methods by assigning to it", () => {
    Reflect.set(matchMaker, "createRoom", () => "made");
    expect(refusal(() => call("createRoom")).code).toBe(ErrorCode.NOT_ON_A_FLEET);
  });
});

describe("a server of the project's own", () => {
  it.each<[string, () => unknown]>([
    ["new Server()", () => new Server()],
    ["defineServer()", () => defineServer()],
  ])("[RM26] is refused: %s", (name, make) => {
    const error = refusal(make);
    expect(error.code).toBe(ErrorCode.NOT_ON_A_FLEET);
    expect(error.message).toContain(`${name} (and with it Express routes) is not possible here`);
  });

  it.each(["@colyseus/core", "colyseus"])(
    "[RM26] and its matchmaker's doors are refused to a module that imports %s",
    async (name) => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
      const file = path.join(folder, "rooms.ts");
      for (const [imported, use] of [
        ["Server", "new Server();"],
        ["defineServer", "defineServer({});"],
        ["matchMaker", `await matchMaker.createRoom("a", {});`],
      ]) {
        writeFileSync(file, `import { ${imported} } from "${name}"; ${use}`);
        await expect(loadRoomsModule(file)).rejects.toMatchObject({
          code: ErrorCode.NOT_ON_A_FLEET,
        });
      }
      rmSync(folder, { recursive: true });
    },
  );
});
