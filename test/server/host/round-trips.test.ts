import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COMMAND } from "../../../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand, toTickEighths } from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import type { IssuedCommand } from "../../../rooms/simulation.ts";
import type { JournalRecord } from "../../../server/host/journal-format.ts";
import { replay } from "../../../server/host/replay.ts";
import { journalOf, readAll } from "./journals.ts";
import { closeWorlds, openWorld, type ScriptedClient } from "./match-world.ts";

const TICK_MS = 1000 / arena.tickRateHz;
let journalDir: string;

beforeEach(() => {
  journalDir = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
});
afterEach(async () => {
  await closeWorlds();
  rmSync(journalDir, { recursive: true });
});

/** A match in the arena that notes what its steps were given. */
async function openArena() {
  const steps: IssuedCommand<unknown>[][] = [];
  const states: ArenaState[] = [];
  const world = await openWorld(
    {
      kind: "simulation",
      simulation: {
        ...SIMULATIONS["arena"]!,
        create(setup) {
          const state = arena.create(setup);
          states.push(state);
          return state;
        },
        advance(state, commands, step) {
          steps.push([...commands]);
          arena.advance(state as never, commands as never, step);
        },
      },
    },
    { journalDir },
  );
  return { ...world, steps, state: states[0] as ArenaState };
}

/** Shoots, and says to have seen the others so many ticks before `tick`. */
function shoot(client: ScriptedClient, tick: number, lateTicks: number): void {
  const seenTickEighths = toTickEighths(tick - lateTicks);
  const command = { tick, buttons: ArenaButton.FIRE, aimRadians: tick % 3, seenTickEighths };
  client.sendTyped(COMMAND, encodeArenaCommand(command));
}

describe("a command", () => {
  it("[LC12] comes to the game with its player's round trip as it was when it arrived", async () => {
    const { clock, join, steps } = await openArena();
    const { client } = await join(1);
    const other = (await join(2)).client;
    shoot(client, 1, 0);
    clock.advance(TICK_MS);
    client.roundTripMs = 40;
    shoot(client, 2, 0);
    client.roundTripMs = 90;
    shoot(client, 3, 0);
    other.roundTripMs = 0;
    shoot(other, 1, 0);
    clock.advance(2 * TICK_MS);
    const told = steps.map((commands) =>
      commands.map(({ seat, ...command }) => [seat, command.roundTripMs ?? "unknown"]),
    );
    expect(told).toEqual([
      [[0, "unknown"]],
      [
        [0, 40],
        [1, 0],
      ],
      [[0, 90]],
    ]);
    expect(Object.hasOwn(steps[0]?.[0] ?? {}, "roundTripMs")).toBe(false);
  });

  it("[LC13] of who answers life signs late is believed 250 ms at most, whatever it claims", async () => {
    const { clock, join, state } = await openArena();
    const { client } = await join(1);
    client.roundTripMs = 1_000;
    const seen = new Set<number>();
    for (const lateTicks of [8, 9, 30, 300, 3_000]) {
      for (let count = 0; count < 10; count++) {
        shoot(client, state.tick + 1, lateTicks);
        clock.advance(TICK_MS);
        for (const { rewindEighths } of state.projectiles) seen.add(rewindEighths);
      }
    }
    expect([...seen]).toEqual([0.25 * arena.tickRateHz * 8]);
  });
});

describe("the journal of round trips", () => {
  async function played() {
    const { clock, join, match, state } = await openArena();
    const players = [(await join(1)).client, (await join(2)).client, (await join(3)).client];
    for (let tick = 1; tick <= 150; tick++) {
      players.forEach((client, seat) => {
        if (seat > 0) client.roundTripMs = (tick * 7 * seat) % 120;
        shoot(client, tick, 3 + (tick % 9));
      });
      clock.advance(TICK_MS);
    }
    expect(state.projectiles.length).toBeGreaterThan(0);
    const { ticks, stateHash: finalHash } = match.summary();
    await match.seal("result-1", "drained");
    const file = readFileSync(path.join(journalDir, readdirSync(journalDir)[0] ?? ""));
    return { file, ...readAll(file), summary: { ticks, finalHash } };
  }

  it("[LC14] has each command's, and replays to the same state with them alone", async () => {
    const { file, header = {}, records, summary } = await played();
    expect(replay(file, SIMULATIONS)).toMatchObject({ outcome: "same", ...summary });
    const unknown = records.map(
      (record): JournalRecord =>
        record.type === "step"
          ? { ...record, commands: record.commands.map(({ seat, bytes }) => ({ seat, bytes })) }
          : record,
    );
    expect(unknown).not.toEqual(records);
    expect(replay(journalOf(header, unknown), SIMULATIONS)).toMatchObject({
      outcome: "differs",
      firstDifferentTick: 63,
    });
  });

  it("[LC14] is found out where a byte of one was changed", async () => {
    const { file } = await played();
    const [, , , step] = readAll(file).records;
    expect(step?.type).toBe("step");
    // Behind the commands of seat 0: u16 seat, u16 round trip, u8 11.
    const at = file.indexOf(Buffer.from([1, 0, 7, 0, 11]));
    expect(at).toBeGreaterThan(0);
    const altered = Buffer.from(file);
    altered.writeUInt8(8, at + 2);
    expect(replay(altered, SIMULATIONS)).toMatchObject({
      outcome: "differs",
      firstDifferentTick: 0,
    });
  });

  it("[LC14] is refused where no server can have measured it", () => {
    const header = { ...readAll(Buffer.from(FORMAT_1, "base64")).header, game: "duel" };
    const join: JournalRecord = { type: "join", tick: 0, seat: 0, team: "" };
    for (const [roundTripMs, outcome] of [
      [1_000, "same"],
      [1_001, "unreadable"],
    ] as const) {
      const commands = [{ seat: 0, bytes: Uint8Array.of(0, 0), roundTripMs }];
      const file = journalOf(header, [join, { type: "step", tick: 0, commands }]);
      expect(replay(file, SIMULATIONS).outcome).toBe(outcome);
    }
  });

  it("[LC14] is missing in format 1, which is read as it was written", () => {
    const file = Buffer.from(FORMAT_1, "base64");
    const { records, flaw } = readAll(file);
    expect(flaw).toBeUndefined();
    expect(records.filter(({ type }) => type === "step")).toHaveLength(8);
    expect(replay(file, SIMULATIONS)).toMatchObject({
      outcome: "same",
      ticks: 10,
      finalHash: "7e1e8ded485395e5",
    });
    for (let at = 4; at < file.length; at++) {
      const altered = Buffer.from(file);
      altered.writeUInt8(altered.readUInt8(at) ^ 0x10, at);
      expect(replay(altered, SIMULATIONS).outcome, `byte ${at}`).toMatch(/differs|unreadable/);
    }
  });
});

/** A duel of eight moves, as a server wrote it down that knew no round trips. */
const FORMAT_1 =
  "RkxSSgHhAAAAeyJnYW1lIjoiZHVlbCIsImdhbWVWZXJzaW9uIjoxLCJmbGVldHJvb20iOiJ0ZXN0Iiwibm9kZSI6IjI0LjAuMCIsInNlZWQiOjcs" +
  "InRpY2tSYXRlSHoiOjEwLCJzZWF0c01heCI6MiwiZ2FtZVByb3BlcnRpZXMiOnsibWFwIjoic21hbGwifSwiZ2FtZVNlc3Npb25EYXRhIjoiaGVs" +
  "bG8iLCJ0ZWFtcyI6WyJyZWQiLCJibHVlIl0sInN0YXJ0ZWRBdCI6IjIwMjYtMDEtMDFUMDA6MDA6MDAuMDAwWiJ9ckTnsAEAAAAAAAADAHJlZN7V" +
  "SpEBAQAAAAEAAwByZWQmwfpaAwIAAAABAAAAAgAAlCjthgMDAAAAAQABAAIAAZec6P4DBAAAAAEAAAACAQIntT9fAwUAAAABAAEAAgED6Jn7EwMG" +
  "AAAAAQAAAAICBIAUdOUDBwAAAAEAAQACAgWUWFQOAwgAAAABAAAAAgMGVKSsBAMJAAAAAQABAAIDAFmc6VQFCgAAAH4eje1IU5XlFwAAAHsicmVz" +
  "dWx0SWQiOiJyZXN1bHQtMSJ9wcqQPw==";
