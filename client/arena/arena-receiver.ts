import type { Welcome } from "../../protocol/messages.ts";
import { createGround, type Ground } from "../../rooms/arena/prediction.ts";
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import { type ArenaNews, newsOfState, type ShipNews } from "./arena-news.ts";
import { type ArenaView, viewOf } from "./arena-view.ts";
import type { WordTolerance } from "./own-ship/own-word.ts";
import { SnapshotSource } from "./snapshot-source.ts";

/** The state's 32-bit floats, with room for what was rounded here. */
const STATE_TOLERANCE: WordTolerance = {
  metres: 1e-3,
  metresPerSecond: 1e-3,
  radians: 1e-5,
};

/** What is heard of an arena, by snapshots where the server has them, else by its state alone. */
export class ArenaReceiver {
  readonly #state: () => ArenaReplica;
  readonly #hasSnapshots: boolean;
  readonly #source: SnapshotSource | undefined;
  #tick = 0;
  #view: ArenaView | undefined;
  #ground: Ground | undefined;

  /** @param state - Of the connection; the first is here already. */
  constructor({ snapshots, tickRateHz, tick }: Welcome, state: () => ArenaReplica) {
    this.#state = state;
    this.#tick = tick;
    this.#hasSnapshots = snapshots !== undefined;
    if (snapshots === undefined) return;
    try {
      this.#source = new SnapshotSource(snapshots, tickRateHz);
    } catch (fault) {
      // A layout that is none of an arena's: then no snapshot can be read, which is said with the first.
      if (!(fault instanceof RangeError)) throw fault;
    }
  }

  get tolerance(): WordTolerance {
    return this.#source?.tolerance ?? STATE_TOLERANCE;
  }

  /** Made new after each message, when it is asked for. */
  get view(): ArenaView {
    this.#view ??= viewOf(this.#state(), this.#tick, (seat) => this.ship(seat));
    return this.#view;
  }

  get ground(): Ground {
    this.#ground ??= groundOf(this.#state());
    return this.#ground;
  }

  /** A living ship at the newest tick; `undefined` for one that is destroyed or out of sight. */
  ship(seat: number): ShipNews | undefined {
    if (this.#hasSnapshots) return this.#source?.ship(seat);
    const ship = this.#state().ships.get(String(seat));
    return ship?.isAlive === true ? ship : undefined;
  }

  /** The state has changed. @returns What that says of motion; `undefined` where snapshots do. */
  stateChanged(): ArenaNews | undefined {
    this.#view = undefined;
    if (this.#hasSnapshots) return undefined;
    const news = newsOfState(this.#state());
    this.#tick = news.tick;
    return news;
  }

  /** @returns `undefined` for what cannot be read: nothing after it can either. */
  snapshot(payload: Uint8Array): ArenaNews | undefined {
    const news = this.#source?.read(payload);
    if (news === undefined) return undefined;
    this.#view = undefined;
    this.#tick = news.tick;
    return news;
  }
}

function groundOf({ widthMetres, heightMetres, obstacles }: ArenaReplica): Ground {
  const discs = [...obstacles].map(({ x, y, radius }) => ({
    xMetres: x,
    yMetres: y,
    radiusMetres: radius,
  }));
  return createGround(widthMetres, heightMetres, discs);
}
