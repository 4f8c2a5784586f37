/**
 * The one interface between a game and its host. A game is pure: it touches only its arguments, keeps its
 * randomness inside its state, and gives the same state for the same setup, joins, leaves and commands.
 * @module
 */

/** Seats are numbered from 0; a seat keeps its number while its player is away and may be given to another after. */
export type Seat = number;

/** What a match is created from. The same setup always gives the same first state. */
export interface SimulationSetup {
  /** Unsigned 32-bit; the only source of randomness a game has. */
  readonly seed: number;
  /** Steps per second of simulated time, 10 to 128, whole. Fixed for the life of a match. */
  readonly tickRateHz: number;
  /** How many seats this match may fill at most; never above the game's own `seatsMax`. */
  readonly seatsMax: number;
  /** The fleet's game properties: at most 16 pairs, keys up to 32 and values up to 96 characters. Untrusted text. */
  readonly gameProperties: Readonly<Record<string, string>>;
  /** The fleet's game session data, up to 256 KB of text, `""` when none was given. Untrusted text. */
  readonly gameSessionData: string;
  /** Team names in matchmaking order; empty when players have no teams. */
  readonly teams: readonly string[];
}

/** One command of one seat, already decoded and bounded by the game's `decode`. */
export interface IssuedCommand<Command> {
  readonly seat: Seat;
  readonly command: Command;
}

/** One fixed step of simulated time. */
export interface Step {
  /** Index of this step, from 0, without gaps. */
  readonly tick: number;
  /** Length of the step in seconds: `1 / tickRateHz`. */
  readonly dtSeconds: number;
}

/** How a match ended. Seats, never player ids: a game does not know who sits where. */
export interface SimulationResult {
  /** Seats that won; empty for a draw. */
  readonly winners: readonly Seat[];
  /** Final score of each seat that ever played. */
  readonly scores: readonly { readonly seat: Seat; readonly score: number }[];
}

/** What other players may see of whoever sits in a seat. Untrusted text, already cut to length by the host. */
interface SeatProfile {
  /** 1 to 24 characters, no control characters. Show as text only. */
  readonly name: string;
  /** A name out of `SimulationSetup.teams`, or `""`. */
  readonly team: string;
}

/**
 * The shape of a game's state that clients receive as `room.state`, and how it is filled.
 * Kept apart from the game's own state, so that what is not copied here is never sent.
 */
export interface Replica<State = unknown, Schema = unknown> {
  /** Makes an empty replicated state (a `@colyseus/schema` instance). */
  create(setup: SimulationSetup): Schema;
  /** Adds a seat to the roster, or replaces its profile when a player returns. */
  join(schema: Schema, seat: Seat, profile: SeatProfile): void;
  /** Removes a seat from the roster. */
  leave(schema: Schema, seat: Seat): void;
  /** Copies what clients may see out of `state`; called once per tick, after `advance`. */
  write(state: State, schema: Schema): void;
}

/** A game. Methods mutate the state they are given; they never keep it. */
export interface Simulation<State = unknown, Command = unknown, Schema = unknown> {
  /** Lower-case word; the name clients join by and the journal records. */
  readonly name: string;
  /** Whole, from 1; raised whenever the same commands would give another state, so that old journals are refused. */
  readonly version: number;
  /** Steps per second unless configured: 10 to 128. */
  readonly tickRateHz: number;
  /** Most seats the game can hold. */
  readonly seatsMax: number;
  /** Most bytes an encoded command may have, 1 to 255. Longer ones are dropped before `decode`. */
  readonly commandBytesMax: number;
  /** Most commands of one seat that one step may consume; the rest wait in the host's bounded queue. */
  readonly commandsPerTickMax: number;
  readonly replica: Replica<State, Schema>;
  /**
   * Which schema of its state clients must be built for, 1 to 64 characters as its makers count. A client that says
   * another one is told to update; one that says none may join, for it can get the schema with its join.
   */
  readonly schemaVersion?: string;
  /**
   * Which clients may join, by the versions that they say; all if it is missing. Others are told to update.
   * @param clientVersion - Untrusted, at most 64 characters; `""` from a client that does not say.
   * @param schemaVersion - The same, of the schema that the client was built for.
   */
  acceptsClient?(clientVersion: string, schemaVersion: string): boolean;
  /**
   * What a throw over one client's message ends: that client (the default), so that nobody can void a match he is
   * losing, or the match, where a state that is half changed would be worse.
   */
  readonly messageFault?: "close_client" | "abort_match";

  create(setup: SimulationSetup): State;
  /** Seats a player. Never called twice for a seat without `leave` between. */
  join(state: State, seat: Seat, team: string): void;
  /** Frees a seat for good: the player left or did not return in time. */
  leave(state: State, seat: Seat): void;
  /**
   * Reads one command. Pure, independent of state, at most a microsecond or so.
   * @param bytes - Untrusted, at most `commandBytesMax`; borrowed, must not be kept.
   * @returns The command with every field bounded, or `undefined` if the bytes are not one: dropped and counted.
   */
  decode(bytes: Uint8Array): Command | undefined;
  /**
   * Advances by one fixed step.
   * @param commands - In seat order, at most `commandsPerTickMax` of a seat; those of one seat in order of arrival.
   */
  advance(state: State, commands: readonly IssuedCommand<Command>[], step: Step): void;
  /** @returns The result once the match is over, from then on always the same; `undefined` while it runs. */
  result(state: State): SimulationResult | undefined;
  /** @returns Scores of every seat as they stand now, winners empty while the match runs; reported if it is cut short. */
  standing(state: State): SimulationResult;
  /** @returns 16 lower-case hex digits over everything that future states depend on. */
  hash(state: State): string;
}
