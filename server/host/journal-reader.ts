import { crc32 } from "node:zlib";
import {
  JOURNAL_FORMAT,
  JOURNAL_FORMAT_ROUND_TRIPS,
  JOURNAL_HEADER_BYTES_MAX,
  JOURNAL_MAGIC,
  type JournalCommand,
  type JournalHeader,
  type JournalRecord,
  ROUND_TRIP_UNKNOWN,
} from "./journal-format.ts";

/** Why a journal cannot be read further: what is wrong and, if it got that far, at which tick. */
export interface JournalFlaw {
  readonly kind: "not_a_journal" | "cut_off" | "altered";
  readonly tick: number | undefined;
  readonly message: string;
}

class Flawed extends Error {
  readonly flaw: JournalFlaw;
  constructor(flaw: JournalFlaw) {
    super(flaw.message);
    this.flaw = flaw;
  }
}

/**
 * Reads a journal. The file is untrusted: nothing is allocated from a length it claims, and every record is checked
 * before it is returned.
 */
export class JournalReader {
  readonly header: JournalHeader;
  readonly #file: Buffer;
  #format = JOURNAL_FORMAT;
  #at = 0;
  #check = 0;

  private constructor(file: Buffer) {
    this.#file = file;
    this.header = this.#readHeader();
  }

  /** @param file - Borrowed; the bytes of commands in records are views of it. */
  static open(file: Buffer): { reader: JournalReader } | { flaw: JournalFlaw } {
    try {
      return { reader: new JournalReader(file) };
    } catch (error) {
      if (error instanceof Flawed) return { flaw: error.flaw };
      throw error;
    }
  }

  /** @returns The next record, `undefined` at the end of the file, or what is wrong with it. */
  next(): JournalRecord | JournalFlaw | undefined {
    if (this.#at === this.#file.length) return undefined;
    const start = this.#at;
    let tick: number | undefined;
    try {
      const type = this.#take(1).readUInt8();
      tick = this.#take(4).readUInt32LE();
      const record = this.#readBody(type, tick);
      this.#verify(start, tick);
      return record;
    } catch (error) {
      if (error instanceof Flawed) return { ...error.flaw, tick };
      throw error;
    }
  }

  #readHeader(): JournalHeader {
    this.#at = JOURNAL_MAGIC.length;
    if (this.#file.toString("latin1", 0, this.#at) !== JOURNAL_MAGIC) {
      throw notAJournal("the file is not a fleetroom journal");
    }
    this.#format = this.#take(1).readUInt8();
    if (this.#format < 1 || this.#format > JOURNAL_FORMAT) {
      throw notAJournal(
        `the journal has format ${this.#format}, this program reads 1 to ${JOURNAL_FORMAT}`,
      );
    }
    const length = this.#take(4).readUInt32LE();
    if (length > JOURNAL_HEADER_BYTES_MAX) throw notAJournal("the journal's header is too long");
    const json = this.#take(length).toString();
    this.#verify(0, undefined);
    const header = headerOf(json);
    if (header === undefined) throw notAJournal("the journal's header lacks what a match needs");
    return header;
  }

  #readBody(type: number, tick: number): JournalRecord {
    switch (type) {
      case 1: {
        const seat = this.#take(2).readUInt16LE();
        const team = this.#take(this.#take(2).readUInt16LE()).toString();
        return { type: "join", tick, seat, team };
      }
      case 2:
        return { type: "leave", tick, seat: this.#take(2).readUInt16LE() };
      case 3: {
        const count = this.#take(2).readUInt16LE();
        const commands: JournalCommand[] = [];
        for (let index = 0; index < count; index++) commands.push(this.#readCommand());
        return { type: "step", tick, commands };
      }
      case 4:
        return { type: "hash", tick, hash: this.#take(8).toString("hex") };
      case 5: {
        const hash = this.#take(8).toString("hex");
        const json = this.#take(this.#take(4).readUInt32LE()).toString();
        return { type: "result", tick, hash, result: objectOf(json) ?? {} };
      }
      case 6:
        return { type: "cut", tick };
      default:
        throw altered(tick, `there is no record of type ${type}`);
    }
  }

  #readCommand(): JournalCommand {
    const seat = this.#take(2).readUInt16LE();
    const roundTripMs =
      this.#format < JOURNAL_FORMAT_ROUND_TRIPS ? ROUND_TRIP_UNKNOWN : this.#take(2).readUInt16LE();
    const bytes = this.#take(this.#take(1).readUInt8());
    return roundTripMs === ROUND_TRIP_UNKNOWN ? { seat, bytes } : { seat, bytes, roundTripMs };
  }

  #take(bytes: number): Buffer {
    if (this.#at + bytes > this.#file.length) {
      throw new Flawed({
        kind: "cut_off",
        tick: undefined,
        message: `the journal is cut off: ${this.#file.length} bytes, more were announced`,
      });
    }
    this.#at += bytes;
    return this.#file.subarray(this.#at - bytes, this.#at);
  }

  #verify(start: number, tick: number | undefined): void {
    const computed = crc32(this.#file.subarray(start, this.#at), this.#check);
    const check = this.#take(4);
    if (check.readUInt32LE() !== computed) throw altered(tick, "a record's check does not match");
    this.#check = computed;
  }
}

function notAJournal(message: string): Flawed {
  return new Flawed({ kind: "not_a_journal", tick: undefined, message });
}

function altered(tick: number | undefined, message: string): Flawed {
  return new Flawed({ kind: "altered", tick, message });
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function headerOf(json: string): JournalHeader | undefined {
  const header = objectOf(json);
  if (header === undefined) return undefined;
  const { game, gameVersion, seed, tickRateHz, seatsMax, gameProperties, gameSessionData, teams } =
    header;
  const isWhole = (value: unknown, least: number, most: number) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const isSound =
    typeof game === "string" &&
    isWhole(gameVersion, 1, 1e9) &&
    isWhole(seed, 0, 0xffffffff) &&
    isWhole(tickRateHz, 10, 128) &&
    isWhole(seatsMax, 1, 65_535) &&
    typeof gameProperties === "object" &&
    gameProperties !== null &&
    Object.values(gameProperties).every((value) => typeof value === "string") &&
    typeof gameSessionData === "string" &&
    Array.isArray(teams) &&
    teams.every((team) => typeof team === "string");
  return isSound ? (header as unknown as JournalHeader) : undefined;
}
