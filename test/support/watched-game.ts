import { SNAPSHOT, type Welcome } from "../../protocol/messages.ts";
import { SnapshotDecoder, type SnapshotNews } from "../../protocol/snapshot-decoder.ts";
import type { EntityRows, Simulation, SnapshotKind, Snapshots } from "../../rooms/simulation.ts";

/** Entities of one kind as a game put them down: the fields of each, by its id. */
type Entities = ReadonlyMap<number, Float64Array>;

class Noted implements EntityRows {
  readonly entities = new Map<number, Float64Array>();
  readonly #fields: number;
  values = new Float64Array(0);

  constructor({ fields }: SnapshotKind) {
    this.#fields = fields.length;
  }

  add(id: number): number {
    this.values = new Float64Array(this.#fields);
    this.entities.set(id, this.values);
    return 0;
  }
}

/** A game that notes what its state was after each step. */
export class WatchedGame<State> {
  readonly simulation: Simulation;
  /** Of the match that was created last. */
  state!: State;
  readonly #snapshots: Snapshots<State>;
  readonly #atTick = new Map<number, readonly Entities[]>();

  constructor(game: Simulation<State, never, never>, over: Partial<Simulation> = {}) {
    this.#snapshots = game.snapshots as unknown as Snapshots<State>;
    const simulation = game as unknown as Simulation;
    this.simulation = {
      ...simulation,
      create: (setup) => {
        this.state = simulation.create(setup) as State;
        return this.state;
      },
      advance: (state, commands, step) => {
        simulation.advance(state, commands, step);
        this.#atTick.set(step.tick + 1, this.#collected());
      },
      ...over,
    };
  }

  /** What snapshots say of the state as it was after so many steps. */
  at(tick: number): readonly Entities[] {
    const entities = this.#atTick.get(tick);
    if (entities === undefined) throw new Error(`there was no tick ${tick}`);
    return entities;
  }

  /** After the last step. */
  get tick(): number {
    return Math.max(...this.#atTick.keys());
  }

  #collected(): readonly Entities[] {
    const rows = this.#snapshots.layout.map((kind) => new Noted(kind));
    this.#snapshots.collect(this.state, rows);
    return rows.map(({ entities }) => entities);
  }
}

/** What a client makes of its snapshots with `protocol/`. */
export class SnapshotReader {
  readonly decoder: SnapshotDecoder;
  readonly news: SnapshotNews[] = [];
  readonly #layout: readonly SnapshotKind[];

  constructor({ snapshots, tickRateHz }: Welcome) {
    if (snapshots === undefined) throw new Error("the welcome has no layout");
    this.#layout = snapshots;
    this.decoder = new SnapshotDecoder(snapshots, tickRateHz);
  }

  /** @param payload - As a stock SDK hands it to `onMessage("s")`. */
  read(payload: Uint8Array): void {
    const news = this.decoder.read(payload);
    if (news === undefined) throw new Error("a snapshot cannot be read");
    this.news.push(news);
  }

  /**
   * @param truth - At a tick which the server has passed in silence, or the last that it told of.
   * @returns What a client sees wrong: beyond the declared precision, missing, or there no more.
   */
  faults(truth: readonly Entities[], tick: number): string[] {
    const { decoder } = this;
    return this.#layout.flatMap(({ name, fields }, kind) => {
      const seen = decoder.entities[kind];
      const there = truth[kind];
      const faults: string[] = [];
      for (const id of seen?.keys() ?? [])
        if (!there?.has(id)) faults.push(`${name} ${id} is gone`);
      for (const [id, values] of there ?? []) {
        const entity = seen?.get(id);
        if (entity === undefined) {
          faults.push(`${name} ${id} is missing`);
          continue;
        }
        fields.forEach(({ name: field, step, min, max, wraps, rate }, at) => {
          const value = decoder.valueAt(kind, entity, at, tick);
          const off = Math.abs(value - (values[at] ?? 0));
          const way = wraps ? Math.min(off, max - min - off) : off;
          const most = (rate === undefined ? 0.5 : 1.5) * step * (1 + 1e-9);
          if (way > most) faults.push(`${name} ${id}: ${field} is off by ${way}`);
        });
      }
      return faults;
    });
  }
}

/** @returns The payload of a snapshot's whole message; `undefined` of another message. */
export function snapshotIn(message: Uint8Array): Uint8Array | undefined {
  const isOne = message[0] === 17 && message[1] === 0xa1 && message[2] === SNAPSHOT.charCodeAt(0);
  return isOne ? message.subarray(3) : undefined;
}
