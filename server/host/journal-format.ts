/**
 * The journal: everything a match was made of, so that it can be played again. Little-endian.
 *
 *   file    "FLRJ" | u8 format | u32 header bytes | header (JSON, UTF-8) | u32 check | record ...
 *   record  u8 type | u32 tick | body | u32 check
 *
 *   1 JOIN    u16 seat | u16 team bytes | team (UTF-8)         before the step `tick`
 *   2 LEAVE   u16 seat                                         before the step `tick`
 *   3 STEP    u16 count | count x (u16 seat | u16 round trip ms | u8 bytes | command)
 *                                                              only steps that had commands; a round trip that is not
 *                                                              known is 65535
 *   4 HASH    8 bytes                                          the state after the step `tick`
 *   5 RESULT  8 bytes hash | u32 bytes | JSON                  `tick` steps were run
 *   6 CUT     (nothing)                                        the size limit was reached; the match went on
 *
 * `check` is the CRC-32 of everything before it but the checks, so that an altered byte is found at its own record, and
 * one that is missing, repeated or moved at the next. (A CRC run over its own value comes to a constant: with the
 * checks included, none would depend on what lies before the one before it.)
 *
 * Format 1 is the same without round trips; it is read, and no longer written.
 * @module
 */
import { crc32 } from "node:zlib";

export const JOURNAL_MAGIC = "FLRJ";
export const JOURNAL_FORMAT = 2;
/** The first format that has round trips. */
export const JOURNAL_FORMAT_ROUND_TRIPS = 2;
export const ROUND_TRIP_UNKNOWN = 0xffff;

/**
 * A header holds the game session data, at most 262,144 characters, and the team names out of a matchmaker's data of at
 * most 390,000; JSON makes up to 6 bytes of a character.
 */
export const JOURNAL_HEADER_BYTES_MAX = 4 * 1024 * 1024;

export interface JournalHeader {
  readonly game: string;
  readonly gameVersion: number;
  readonly fleetroom: string;
  readonly node: string;
  readonly seed: number;
  readonly tickRateHz: number;
  readonly seatsMax: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  readonly gameSessionData: string;
  readonly teams: readonly string[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

export interface JournalCommand {
  readonly seat: number;
  readonly bytes: Uint8Array;
  /** As the host gave it to the game with the command; missing where it was not known. */
  readonly roundTripMs?: number;
}

export type JournalRecord =
  | { readonly type: "join"; readonly tick: number; readonly seat: number; readonly team: string }
  | { readonly type: "leave"; readonly tick: number; readonly seat: number }
  | {
      readonly type: "step";
      readonly tick: number;
      readonly commands: readonly JournalCommand[];
    }
  | { readonly type: "hash"; readonly tick: number; readonly hash: string }
  | {
      readonly type: "result";
      readonly tick: number;
      readonly hash: string;
      readonly result: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "cut"; readonly tick: number };

const RECORD_TYPE = { join: 1, leave: 2, step: 3, hash: 4, result: 5, cut: 6 } as const;

export const JOURNAL_CHECK_BYTES = 4;
/** Of a CUT record, unsealed. */
export const JOURNAL_CUT_BYTES = 5;

/** Encodes a header; to be sealed. */
export function encodeHeader(header: JournalHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(9);
  head.write(JOURNAL_MAGIC, 0, "latin1");
  head.writeUInt8(JOURNAL_FORMAT, 4);
  head.writeUInt32LE(json.length, 5);
  return Buffer.concat([head, json]);
}

/**
 * Encodes a record; to be sealed.
 * @throws RangeError when a field does not fit the layout, as of a game that breaks the limits of its interface.
 */
export function encodeRecord(record: JournalRecord): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(RECORD_TYPE[record.type], 0);
  head.writeUInt32LE(record.tick, 1);
  return Buffer.concat([head, bodyOf(record)]);
}

/** Appends its check to each piece of one journal, in their order in the file. */
export class JournalSeal {
  #check = 0;

  seal(bytes: Buffer): Buffer {
    this.#check = crc32(bytes, this.#check);
    const check = Buffer.alloc(JOURNAL_CHECK_BYTES);
    check.writeUInt32LE(this.#check);
    return Buffer.concat([bytes, check]);
  }
}

function bodyOf(record: JournalRecord): Buffer {
  switch (record.type) {
    case "join": {
      const team = Buffer.from(record.team);
      const body = Buffer.alloc(4 + team.length);
      body.writeUInt16LE(record.seat, 0);
      body.writeUInt16LE(team.length, 2);
      team.copy(body, 4);
      return body;
    }
    case "leave": {
      const body = Buffer.alloc(2);
      body.writeUInt16LE(record.seat, 0);
      return body;
    }
    case "step": {
      const size = record.commands.reduce((sum, { bytes }) => sum + 5 + bytes.length, 2);
      const body = Buffer.alloc(size);
      let at = body.writeUInt16LE(record.commands.length, 0);
      for (const { seat, bytes, roundTripMs } of record.commands) {
        at = body.writeUInt16LE(seat, at);
        at = body.writeUInt16LE(roundTripOf(roundTripMs), at);
        at = body.writeUInt8(bytes.length, at);
        body.set(bytes, at);
        at += bytes.length;
      }
      return body;
    }
    case "hash":
      return bytesOfHash(record.hash);
    case "result": {
      const json = Buffer.from(JSON.stringify(record.result));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(json.length);
      return Buffer.concat([bytesOfHash(record.hash), length, json]);
    }
    case "cut":
      return Buffer.alloc(0);
  }
}

function roundTripOf(roundTripMs: number | undefined): number {
  if (roundTripMs === undefined) return ROUND_TRIP_UNKNOWN;
  // A fraction would be cut off without a word.
  if (!Number.isInteger(roundTripMs) || roundTripMs >= ROUND_TRIP_UNKNOWN) {
    throw new RangeError(`a round trip of ${roundTripMs} ms does not fit`);
  }
  return roundTripMs;
}

function bytesOfHash(hash: string): Buffer {
  if (!/^[0-9a-f]{16}$/.test(hash)) throw new RangeError(`"${hash}" is no state hash`);
  return Buffer.from(hash, "hex");
}
