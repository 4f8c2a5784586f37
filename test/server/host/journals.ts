/** Journals as bytes, made of records that a test chooses; sealed, so that only their content can be wrong. */
import fc from "fast-check";
import type { IssuedCommand, Simulation } from "../../../rooms/simulation.ts";
import {
  encodeHeader,
  encodeRecord,
  type JournalHeader,
  type JournalRecord,
  JournalSeal,
} from "../../../server/host/journal-format.ts";
import { JournalReader } from "../../../server/host/journal-reader.ts";

export const HEADER: JournalHeader = {
  game: "duel",
  gameVersion: 1,
  fleetroom: "test",
  node: "24.0.0",
  seed: 7,
  tickRateHz: 10,
  seatsMax: 2,
  gameProperties: { map: "small" },
  gameSessionData: "hello",
  teams: ["red", "blue"],
  startedAt: "2026-01-01T00:00:00.000Z",
};

/** The pieces of a file: its header, then one for each record. */
export function piecesOf(header: object, records: readonly JournalRecord[]): Buffer[] {
  const seal = new JournalSeal();
  return [
    seal.seal(encodeHeader(header as JournalHeader)),
    ...records.map((record) => seal.seal(encodeRecord(record))),
  ];
}

export function journalOf(header: object, records: readonly JournalRecord[]): Buffer {
  return Buffer.concat(piecesOf(header, records));
}

/** Reads to the end or the first flaw, whichever comes first. */
export function readAll(file: Buffer) {
  const opened = JournalReader.open(file);
  if ("flaw" in opened) return { header: undefined, records: [], flaw: opened.flaw };
  const records: JournalRecord[] = [];
  for (;;) {
    const next = opened.reader.next();
    if (next === undefined) return { header: opened.reader.header, records, flaw: undefined };
    if ("kind" in next) return { header: opened.reader.header, records, flaw: next };
    records.push(next);
  }
}

const tick = fc.nat(0xffffffff);
const seat = fc.nat(0xffff);
const hash = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
/** Whole characters; half a surrogate pair has no bytes in UTF-8. */
const text = fc.string({ unit: "binary", maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 255 }).map((array) => Buffer.from(array));
const command = fc.record(
  { seat, bytes, roundTripMs: fc.nat(0xfffe) },
  { requiredKeys: ["seat", "bytes"] },
);

/** Any record that can be written. */
export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ type: fc.constant("join" as const), tick, seat, team: text }),
  fc.record({ type: fc.constant("leave" as const), tick, seat }),
  fc.record({
    type: fc.constant("step" as const),
    tick,
    commands: fc.array(command, { maxLength: 8 }),
  }),
  fc.record({ type: fc.constant("hash" as const), tick, hash }),
  fc.record({
    type: fc.constant("result" as const),
    tick,
    hash,
    result: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  }),
  fc.record({ type: fc.constant("cut" as const), tick }),
);

/** What happens before one step. */
export interface Turn {
  readonly seat: number;
  readonly act: "join" | "leave" | "command" | "nothing";
  readonly bytes: Uint8Array;
  readonly roundTripMs?: number;
}

/** Plays a game as its host does and writes down what the host writes down. */
export function recorded<State, Command, Schema>(
  game: Simulation<State, Command, Schema>,
  turns: readonly Turn[],
): { records: JournalRecord[]; finalHash: string; ticks: number } {
  const header = { ...HEADER, game: game.name, gameVersion: game.version };
  const state = game.create(header);
  const records: JournalRecord[] = [];
  const seated = new Set<number>();
  let at = 0;
  for (const { seat: who, act, bytes: sent, ...measured } of turns) {
    const commands: (IssuedCommand<Command> & { bytes: Uint8Array })[] = [];
    if (act === "join" && !seated.has(who)) {
      seated.add(who);
      game.join(state, who, "red");
      records.push({ type: "join", tick: at, seat: who, team: "red" });
    } else if (act === "leave" && seated.delete(who)) {
      game.leave(state, who);
      records.push({ type: "leave", tick: at, seat: who });
    } else if (act === "command" && seated.has(who)) {
      const decoded = game.decode(sent);
      if (decoded !== undefined)
        commands.push({ ...measured, seat: who, command: decoded, bytes: sent });
    }
    if (commands.length > 0) records.push({ type: "step", tick: at, commands });
    game.advance(state, commands, { tick: at, dtSeconds: 1 / header.tickRateHz });
    if (++at % 64 === 0) records.push({ type: "hash", tick: at - 1, hash: game.hash(state) });
  }
  const finalHash = game.hash(state);
  records.push({ type: "result", tick: at, hash: finalHash, result: { resultId: "result-1" } });
  return { records, finalHash, ticks: at };
}
