import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Room } from "@colyseus/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COMMAND } from "../../../protocol/messages.ts";
import { encodeArenaCommand } from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { replay } from "../../../server/host/replay.ts";
import { settle } from "../../support/fake-clock.ts";
import { readAll } from "./journals.ts";
import { closeWorlds, hosted, openWorld } from "./match-world.ts";

let journalDir: string;

beforeEach(() => {
  journalDir = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
});
afterEach(async () => {
  await closeWorlds();
  rmSync(journalDir, { recursive: true });
});

const journals = () => readdirSync(journalDir).map((name) => path.join(journalDir, name));
const open = (simulation: Simulation) =>
  openWorld({ kind: "simulation", simulation }, { journalDir });

describe("what a room records of its match", () => {
  it("[JN40] replays to the same state, with joins, takeovers, drops and leaves in it", async () => {
    const { clock, match, join } = await open(SIMULATIONS["arena"]!);
    const play = (ticks: number) => clock.advance((ticks * 1000) / arena.tickRateHz);
    const steer = (client: Awaited<ReturnType<typeof join>>["client"], tick: number) =>
      client.sendTyped(
        COMMAND,
        encodeArenaCommand({ tick, buttons: 17, aimRadians: tick % 3, seenTickEighths: 8 * tick }),
      );
    const one = (await join(1)).client;
    const two = (await join(2)).client;
    for (let tick = 1; tick <= 100; tick++) {
      steer(one, tick);
      steer(two, tick * 3);
      play(1);
    }
    const again = (await join(1)).client;
    two.drop(4000);
    await settle();
    await join(3);
    for (let tick = 101; tick <= 140; tick++) {
      steer(again, tick);
      play(1);
    }
    again.drop(1006);
    play(60);
    const { ticks, stateHash } = match.summary();
    expect(ticks).toBe(200);
    await match.close(4413);
    await match.seal("result-9", "drained");
    const bytes = readFileSync(journals()[0] ?? "");
    const { records } = readAll(bytes);
    expect(records.filter(({ type }) => type === "join")).toHaveLength(3);
    expect(records.filter(({ type }) => type === "hash").map(({ tick }) => tick)).toEqual(
      [1, 2, 3].map((count) => count * HOST_LIMITS.journalHashEveryTicks - 1),
    );
    expect(replay(bytes, SIMULATIONS)).toMatchObject({
      outcome: "same",
      ticks,
      ending: "result",
      resultId: "result-9",
    });
    // Closing the room frees its seats, which is recorded as well and changes the state.
    expect(match.summary().stateHash).not.toBe(stateHash);
    expect(journals()).toHaveLength(1);
  });

  it("[JN40] is a file of the match's own, named by time, game and process", async () => {
    const { match, join, clock } = await open(SIMULATIONS["duel"]!);
    await join(1);
    clock.advance(1_000);
    await match.seal("result-1", "aborted");
    const [file = ""] = journals();
    expect(path.basename(file)).toMatch(
      new RegExp(`^2026-01-01T00-00-00.000Z-hosted-[0-9a-f]{8}-${process.pid}\\.journal$`),
    );
    expect(readFileSync(file, "latin1")).not.toMatch(/player-1|psess-|gsess-1/);
    expect(readAll(readFileSync(file)).header).toMatchObject({
      game: "duel",
      seed: 7,
      seatsMax: 2,
    });
  });

  it("[JN41] is nothing where nobody joined, and in a hosted room", async () => {
    const empty = await open(SIMULATIONS["duel"]!);
    empty.clock.advance(10_000);
    await empty.match.seal("result-1", "drained");
    await closeWorlds();
    const world = await openWorld(hosted(Room), { journalDir });
    await world.join(1);
    await world.match.seal("result-2", "completed");
    expect(journals()).toEqual([]);
  });

  it("[JN41] is closed also when the game cannot even hash its state", async () => {
    const broken: Simulation = {
      ...SIMULATIONS["duel"]!,
      hash() {
        throw new Error("too broken to hash");
      },
    };
    const { match, join, clock, told } = await open(broken);
    await join(1);
    clock.advance(1_000);
    await match.seal("result-1", "aborted");
    const bytes = readFileSync(journals()[0] ?? "");
    expect(readAll(bytes)).toMatchObject({ records: [{ type: "join" }], flaw: undefined });
    expect(replay(bytes, SIMULATIONS)).toMatchObject({ outcome: "same", ending: "open" });
    expect(told).toEqual([]);
  });

  it("[JN41] may fail without harm to the match", async () => {
    const file = path.join(journalDir, "taken");
    writeFileSync(file, "no directory");
    const world = await openWorld(
      { kind: "simulation", simulation: SIMULATIONS["duel"]! },
      { journalDir: file },
    );
    await world.join(1);
    world.clock.advance(10_000);
    await world.match.seal("result-1", "completed");
    expect(world.telemetry.of("journalFailed")).toHaveLength(1);
    expect(world.match.summary().ticks).toBe(100);
    expect(world.told).toEqual([]);
  });
});
