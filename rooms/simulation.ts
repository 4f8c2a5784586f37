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
  /**
   * The round trip to this player as the server measured it, whole milliseconds, 0 to 1000; missing while it is not known.
   * What a client says of its own delay is a claim, and this is its bound.
   */
  readonly roundTripMs?: number;
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
  /**
   * The parts of the schema whose `.view()` fields this seat's client alone is sent; asked once, when it joins or
   * returns. Everything is public where it is missing.
   */
  privateTo?(schema: Schema, seat: Seat): readonly object[];
}

/** One number of an entity, as snapshots carry it. */
export interface SnapshotField {
  /** Letters and digits, at most 32; of its kind no other has it. */
  readonly name: string;
  /** Values are rounded to whole multiples of it, counted from `min`; above 0. */
  readonly step: number;
  /** What is outside `min` to `max` is sent as the nearer bound. `(max - min) / step` is at most 2^24. */
  readonly min: number;
  readonly max: number;
  /** `max` is the same place as `min`, as with an angle or a counter; values beyond come round again. */
  readonly wraps?: boolean;
  /**
   * Name of the field of this kind that is its change per second. It then goes on by itself from the tick at which it was
   * sent, and is sent again only when that would be off by more than one `step`. Such a field has no `rate` itself.
   */
  readonly rate?: string;
  /** Change per tick in whole steps, exact; as `rate`, but known beforehand. Not both. */
  readonly drift?: number;
}

/** Entities that are alike, such as ships. */
export interface SnapshotKind {
  /** As the name of a field. */
  readonly name: string;
  /** 1 to 16. */
  readonly fields: readonly SnapshotField[];
  /** Names of the two fields that say where it is, metres. */
  readonly place: readonly [x: string, y: string];
}

/** At most 8 kinds. Clients are told it with their welcome. */
export type SnapshotLayout = readonly SnapshotKind[];

/** Where the entities of one kind are put down, once per tick; all are gone when the next tick asks. */
export interface EntityRows {
  /**
   * @param id - Unsigned 32-bit; no other of this kind has it at the same time.
   * @returns Where in `values` its fields begin, in the order of the layout; to be filled before the next `add`.
   */
  add(id: number): number;
  /** Another array after `add` has grown it. What is no finite number is sent as `min`. */
  readonly values: Float64Array;
}

/** Who is sent what of a world too large for everybody to see. All lengths are metres, above 0. */
export interface Interest {
  readonly widthMetres: number;
  readonly heightMetres: number;
  /** Players whose eyes are in the same square of this side are sent the same. */
  readonly cellMetres: number;
  /** What is within this of a player's square is sent at every tick. */
  readonly nearMetres: number;
  /** What is within this is sent at some ticks; nothing beyond is sent at all. */
  readonly farMetres: number;
  /** How many ticks lie between two of those, 1 to 64. */
  readonly farEveryTicks: number;
}

/** How the motion and existence of a game's entities reach its clients, beside the schema. */
export interface Snapshots<State = unknown, Schema = unknown> {
  readonly layout: SnapshotLayout;
  /** @returns `undefined` where everybody is sent everything. Asked once per match. */
  interest(setup: SimulationSetup): Interest | undefined;
  /** As `Replica.write`, less what snapshots carry. */
  writeRest(state: State, schema: Schema): void;
  /** Puts down every entity there is. @param rows - One per kind, in the order of the layout. */
  collect(state: State, rows: readonly EntityRows[]): void;
  /**
   * Where a seat looks from.
   * @param eye - Metres; to be filled.
   * @returns `false` for one that sees nothing but its own.
   */
  eyeOf(state: State, seat: Seat, eye: { x: number; y: number }): boolean;
  /** @returns The entity of a seat, which it is sent at every tick whatever else it cannot be sent; `undefined` without one. */
  ownOf(state: State, seat: Seat): { readonly kind: number; readonly id: number } | undefined;
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
  /** Everything goes through the schema where it is missing, or where the server is set to that. */
  readonly snapshots?: Snapshots<State, Schema>;
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
