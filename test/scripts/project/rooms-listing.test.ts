import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listRooms } from "../../../scripts/project/rooms-listing.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-project-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function listed(text: string, timeoutMs?: number) {
  const file = path.join(folder, "rooms.ts");
  writeFileSync(file, text);
  return listRooms(file, folder, timeoutMs);
}

describe("what a rooms module has", () => {
  it("[PK6] is told with kinds, seats and sources, whatever the module prints or leaves running", async () => {
    writeFileSync(path.join(folder, "full.ts"), "export const FULL = 6;");
    const listing = await listed(`
      import { Room } from "@colyseus/core";
      import { duel } from "${ROOT}/rooms/duel/simulation.ts";
      import { FULL } from "./full";
      console.log("loading"); setInterval(() => {}, 1000);
      class Table extends Room { maxClients = FULL; }
      class Field extends Room {}
      export const rooms = { table: Table, field: Field, duel };`);
    expect(listing).toMatchObject({
      games: [
        { name: "table", kind: "room", seatsMax: 6 },
        { name: "field", kind: "room", seatsMax: 200 },
        { name: "duel", kind: "simulation", seatsMax: 2 },
      ],
    });
    const sources = "sources" in listing ? listing.sources : [];
    expect(sources).toEqual(
      expect.arrayContaining(["rooms.ts", "full.ts"].map((name) => path.join(folder, name))),
    );
    expect(sources.filter((file) => file.includes("node_modules"))).toEqual([]);
  });

  it.each([
    ["export const rooms = {", /rooms\.ts:1:22: ERROR/],
    ["export const rooms = { a: 5 };", /"a" is neither a Simulation nor a Room class/],
    ["throw new Error('no database');", /no database/],
    ["process.exit(3);", /ended the process that loaded it \(exit code 3\)/],
  ])("[PK6] is not told of %s, but what is wrong", async (text, mistake) => {
    expect(await listed(text)).toEqual({ mistake: expect.stringMatching(mistake) });
  });

  it("[PK6] is not waited for without end", async () => {
    const waiting = await listed("await new Promise(() => setInterval(() => {}, 1000));", 2_000);
    expect(waiting).toEqual({ mistake: expect.stringContaining("is not loaded after 2 s") });
  });
});
