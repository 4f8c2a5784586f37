import type { ArenaState, Projectile } from "../../../rooms/arena/state.ts";

/** A shot as the server had it. */
export interface FiredShot {
  readonly projectile: Projectile;
  /** Of the command in force when it was fired. */
  readonly number: number;
  readonly bornTick: number;
  /** Whom it hit; `undefined` while it flies, or if it hit nobody. */
  hitSeat: number | undefined;
}

/** Finds out from the state before and after each step which shot was fired by which command and whom it hit. */
export class HitRecord {
  readonly #state: ArenaState;
  readonly #byCommand = new Map<string, FiredShot>();
  readonly #flying = new Map<number, FiredShot>();
  #health: (number | undefined)[] = [];

  constructor(state: ArenaState) {
    this.#state = state;
  }

  /** The shot that a command fired, or was thought to: one before or after may have done it. */
  shotOf(seat: number, number: number): FiredShot | undefined {
    for (const near of [0, 1, -1, 2, -2]) {
      const shot = this.#byCommand.get(`${seat}:${number + near}`);
      if (shot !== undefined) return shot;
    }
    return undefined;
  }

  before(): void {
    this.#health = this.#state.ships.map((ship) => ship?.health);
  }

  after(): void {
    const { ships, projectiles } = this.#state;
    const ids = new Set(projectiles.map(({ id }) => id));
    const gone = [...this.#flying.values()].filter(({ projectile }) => !ids.has(projectile.id));
    for (const { projectile } of gone) this.#flying.delete(projectile.id);
    for (const ship of ships) {
      const before = ship === undefined ? undefined : this.#health[ship.seat];
      if (ship === undefined || before === undefined || ship.health >= before) continue;
      this.#attribute(ship.seat, gone);
    }
    for (const projectile of projectiles) {
      if (this.#flying.has(projectile.id)) continue;
      const number = ships[projectile.ownerSeat]?.lastCommandTick ?? 0;
      const shot = { projectile, number, bornTick: projectile.bornTick, hitSeat: undefined };
      this.#flying.set(projectile.id, shot);
      this.#byCommand.set(`${projectile.ownerSeat}:${number}`, shot);
    }
  }

  /** A rewound shot may be some metres from its victim, but of several that are gone it is the nearest. */
  #attribute(seat: number, gone: readonly FiredShot[]): void {
    const ship = this.#state.ships[seat];
    const apart = ({ projectile }: FiredShot): number =>
      Math.hypot(
        projectile.xMetres - (ship?.xMetres ?? 0),
        projectile.yMetres - (ship?.yMetres ?? 0),
      );
    const others = gone.filter(
      ({ projectile, hitSeat }) => projectile.ownerSeat !== seat && hitSeat === undefined,
    );
    const [nearest] = others.sort((a, b) => apart(a) - apart(b));
    if (nearest !== undefined) nearest.hitSeat = seat;
  }
}
