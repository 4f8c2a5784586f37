/** Drives a game the way its host does, without a host: same order, no clock, no network. */
import type {
  IssuedCommand,
  Seat,
  Simulation,
  SimulationResult,
  SimulationSetup,
} from "../../rooms/simulation.ts";

export class Match<State, Command, Schema> {
  readonly state: State;
  readonly setup: SimulationSetup;
  readonly #game: Simulation<State, Command, Schema>;
  #tick = 0;

  constructor(game: Simulation<State, Command, Schema>, overrides: Partial<SimulationSetup> = {}) {
    this.#game = game;
    this.setup = {
      seed: 1,
      tickRateHz: game.tickRateHz,
      seatsMax: Math.min(game.seatsMax, 8),
      gameProperties: {},
      gameSessionData: "",
      teams: [],
      ...overrides,
    };
    this.state = game.create(this.setup);
  }

  join(...seats: Seat[]): this {
    for (const seat of seats) this.#game.join(this.state, seat, "");
    return this;
  }

  joinTeam(seat: Seat, team: string): this {
    this.#game.join(this.state, seat, team);
    return this;
  }

  leave(seat: Seat): this {
    this.#game.leave(this.state, seat);
    return this;
  }

  step(commands: readonly IssuedCommand<Command>[] = []): void {
    const dtSeconds = 1 / this.setup.tickRateHz;
    this.#game.advance(this.state, commands, { tick: this.#tick, dtSeconds });
    this.#tick += 1;
  }

  steps(count: number): void {
    for (let step = 0; step < count; step++) this.step();
  }

  get result(): SimulationResult | undefined {
    return this.#game.result(this.state);
  }

  get hash(): string {
    return this.#game.hash(this.state);
  }
}

/** Every number inside a value, with its path. */
export function* numbersIn(value: unknown, path = "state"): Generator<[string, number]> {
  if (typeof value === "number") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) yield* numbersIn(part, `${path}.${key}`);
}
