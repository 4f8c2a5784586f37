import { inspect } from "node:util";
import type { IssuedCommand, Simulation } from "../../rooms/simulation.ts";
import type { JournalCommand } from "./journal-format.ts";
import { type JournalFlaw, JournalReader } from "./journal-reader.ts";
import { HOST_LIMITS } from "./limits.ts";

export type ReplayOutcome =
  | {
      readonly outcome: "same";
      readonly game: string;
      readonly ticks: number;
      readonly finalHash: string;
      /** "result" if the journal ends as a match does, "cut" if its size limit was reached, "open" if it just stops. */
      readonly ending: "result" | "cut" | "open";
      readonly resultId: string;
    }
  | { readonly outcome: "differs"; readonly firstDifferentTick: number; readonly message: string }
  | { readonly outcome: "unreadable"; readonly message: string };

/** More steps than a journal of the largest size can hold in play: ten days at 128 Hz. */
const TICKS_MAX = 128 * 86_400 * 10;
/** Of the interface: no game sees a longer one. */
const ROUND_TRIP_MS_MAX = 1000;
/** Records are never further apart: a journal notes a hash this often, whatever else happens. */
const QUIET_TICKS_MAX = HOST_LIMITS.journalHashEveryTicks;

/**
 * Plays a journal again and compares every state hash in it.
 * @param file - Untrusted bytes of a journal.
 * @param simulations - The games that may be replayed, by name.
 */
export function replay(
  file: Buffer,
  simulations: Readonly<Record<string, Simulation>>,
): ReplayOutcome {
  const opened = JournalReader.open(file);
  if ("flaw" in opened) return { outcome: "unreadable", message: opened.flaw.message };
  const { header } = opened.reader;
  const simulation = Object.hasOwn(simulations, header.game) ? simulations[header.game] : undefined;
  if (simulation === undefined) {
    return { outcome: "unreadable", message: `no game named "${header.game}" is installed` };
  }
  if (simulation.version !== header.gameVersion) {
    return {
      outcome: "unreadable",
      message: `the journal is of ${header.game} version ${header.gameVersion}, installed is ${simulation.version}`,
    };
  }
  if (header.seatsMax > simulation.seatsMax) {
    return {
      outcome: "unreadable",
      message: `the journal has ${header.seatsMax} seats, ${header.game} has ${simulation.seatsMax} at most`,
    };
  }
  try {
    return new Replay(opened.reader, simulation).run();
  } catch (cause) {
    const why = cause instanceof Error ? String(cause) : inspect(cause);
    return { outcome: "unreadable", message: `the game failed on this journal: ${why}` };
  }
}

class Replay {
  readonly #reader: JournalReader;
  readonly #simulation: Simulation;
  readonly #state: unknown;
  readonly #seated = new Set<number>();
  #tick = 0;

  constructor(reader: JournalReader, simulation: Simulation) {
    this.#reader = reader;
    this.#simulation = simulation;
    this.#state = simulation.create(reader.header);
  }

  run(): ReplayOutcome {
    for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
      if ("kind" in record) return this.#flawed(record);
      const wrong = this.#ticksTo(record.type === "hash" ? record.tick + 1 : record.tick);
      if (wrong !== undefined) return wrong;
      switch (record.type) {
        case "join":
          if (this.#seated.has(record.seat))
            return this.#unsound(`seat ${record.seat} joins twice`);
          if (record.seat >= this.#reader.header.seatsMax) {
            return this.#unsound(`there is no seat ${record.seat}`);
          }
          this.#seated.add(record.seat);
          this.#simulation.join(this.#state, record.seat, record.team);
          break;
        case "leave":
          if (!this.#seated.delete(record.seat)) {
            return this.#unsound(`seat ${record.seat} leaves but is empty`);
          }
          this.#simulation.leave(this.#state, record.seat);
          break;
        case "step": {
          const failure = this.#stepWith(record.commands);
          if (failure !== undefined) return failure;
          break;
        }
        case "hash":
        case "result": {
          const hash = this.#simulation.hash(this.#state);
          if (hash !== record.hash) {
            return this.#differs(`state ${hash}, recorded ${record.hash}`, record.tick);
          }
          if (record.type === "result") return this.#last("result", record.result["resultId"]);
          break;
        }
        case "cut":
          return this.#last("cut", undefined);
      }
    }
    return this.#ended("open", undefined);
  }

  /** Runs the steps that had no commands, up to `tick` (which is not run). */
  #ticksTo(tick: number): ReplayOutcome | undefined {
    if (tick < this.#tick || tick > TICKS_MAX || tick - this.#tick > QUIET_TICKS_MAX) {
      return this.#unsound(`a record of tick ${tick} follows tick ${this.#tick}`);
    }
    while (this.#tick < tick) this.#advance([]);
    return undefined;
  }

  /** Judges commands as the host does, so that the game gets nothing that its interface rules out. */
  #stepWith(commands: readonly JournalCommand[]): ReplayOutcome | undefined {
    const { commandBytesMax, commandsPerTickMax } = this.#simulation;
    const issued: IssuedCommand<unknown>[] = [];
    for (const { bytes, ...issue } of commands) {
      const { seat, roundTripMs = 0 } = issue;
      const command = bytes.length <= commandBytesMax ? this.#simulation.decode(bytes) : undefined;
      if (command === undefined || !this.#seated.has(seat)) {
        return this.#differs(`the command of seat ${seat} is none of this game`);
      }
      if (seat < (issued.at(-1)?.seat ?? 0) || issued.at(-commandsPerTickMax)?.seat === seat) {
        return this.#unsound(`the commands of tick ${this.#tick} are out of order or too many`);
      }
      if (roundTripMs > ROUND_TRIP_MS_MAX) {
        return this.#unsound(`seat ${seat} has a round trip of ${roundTripMs} ms`);
      }
      issued.push({ ...issue, command });
    }
    this.#advance(issued);
    return undefined;
  }

  #advance(commands: readonly IssuedCommand<unknown>[]): void {
    const dtSeconds = 1 / this.#reader.header.tickRateHz;
    this.#simulation.advance(this.#state, commands, { tick: this.#tick, dtSeconds });
    this.#tick++;
  }

  #flawed(flaw: JournalFlaw): ReplayOutcome {
    if (flaw.kind !== "altered") {
      return {
        outcome: "unreadable",
        message: `${flaw.message} (sound up to tick ${this.#tick})`,
      };
    }
    // The tick itself may be what was altered; then all that is known is where the sound part ends.
    const named = flaw.tick ?? -1;
    // A hash names the step before it.
    const isPlausible = named >= this.#tick - 1 && named - this.#tick <= QUIET_TICKS_MAX;
    return {
      outcome: "differs",
      firstDifferentTick: isPlausible ? named : this.#tick,
      message: flaw.message,
    };
  }

  #differs(message: string, firstDifferentTick = this.#tick): ReplayOutcome {
    return { outcome: "differs", firstDifferentTick, message };
  }

  #unsound(message: string): ReplayOutcome {
    return { outcome: "unreadable", message: `the journal is unsound: ${message}` };
  }

  /** Ends at a record that must be the last one. */
  #last(ending: "result" | "cut", resultId: unknown): ReplayOutcome {
    const more = this.#reader.next();
    if (more === undefined) return this.#ended(ending, resultId);
    return "kind" in more
      ? this.#flawed(more)
      : this.#unsound(`a record of type ${more.type} follows the last one`);
  }

  #ended(ending: "result" | "cut" | "open", resultId: unknown): ReplayOutcome {
    return {
      outcome: "same",
      game: this.#simulation.name,
      ticks: this.#tick,
      finalHash: this.#simulation.hash(this.#state),
      ending,
      resultId: typeof resultId === "string" ? resultId : "",
    };
  }
}
