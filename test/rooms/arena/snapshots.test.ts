import { Encoder } from "@colyseus/schema";
import { describe, expect, it } from "vitest";
import { snapshotLayoutFault } from "../../../protocol/snapshot-layout.ts";
import { ArenaButton } from "../../../rooms/arena/commands.ts";
import { worldSideMetres } from "../../../rooms/arena/ground.ts";
import { type ArenaReplica, arenaReplica } from "../../../rooms/arena/replica.ts";
import { ArenaKind, arenaSnapshots, ShipField, ShotField } from "../../../rooms/arena/snapshots.ts";
import { PROJECTILE_LIFE_SECONDS, SEATS_MAX } from "../../../rooms/arena/tuning.ts";
import { createRandom } from "../../../rooms/kernel/random.ts";
import type { EntityRows, SnapshotField, SnapshotKind } from "../../../rooms/simulation.ts";
import { ArenaMatch } from "./arena-match.ts";
import { botCommands, playBots } from "./bots.ts";

const { layout } = arenaSnapshots;
const SHIP = layout[ArenaKind.SHIP] as SnapshotKind;
const SHOT = layout[ArenaKind.SHOT] as SnapshotKind;

/** Rows as a host has them: an array that is another one after it has grown. */
class Rows implements EntityRows {
  readonly ids: number[] = [];
  readonly #fields: number;
  values = new Float64Array(4);

  constructor({ fields }: SnapshotKind) {
    this.#fields = fields.length;
  }

  add(id: number): number {
    const at = this.ids.push(id) * this.#fields - this.#fields;
    const grown = new Float64Array(at + this.#fields);
    grown.set(this.values.subarray(0, at));
    this.values = grown;
    return at;
  }

  row(id: number): number[] {
    const at = this.ids.indexOf(id) * this.#fields;
    return [...this.values.subarray(at, at + this.#fields)];
  }
}

function collected(match: ArenaMatch): { ships: Rows; shots: Rows } {
  const [ships, shots] = [new Rows(SHIP), new Rows(SHOT)];
  arenaSnapshots.collect(match.state, [ships, shots]);
  return { ships, shots };
}

describe("the arena's layout", () => {
  it("[SN11] is one that can be sent, and its fields stand where their names say", () => {
    expect(snapshotLayoutFault(layout)).toBeUndefined();
    const indexes = (kind: SnapshotKind) => kind.fields.map(({ name }) => name.toLowerCase());
    const named = (fields: Record<string, number>) =>
      Object.keys(fields).map((name) => name.toLowerCase().replace("_", ""));
    expect(indexes(SHIP)).toEqual(named(ShipField));
    expect(indexes(SHOT)).toEqual(named(ShotField));
  });

  it("[SN11] holds every value that a match can have", () => {
    const match = new ArenaMatch({ seatsMax: SEATS_MAX, seed: 3 });
    let seen = 0;
    playBots(match, 120, () => {
      const { ships, shots } = collected(match);
      for (const [kind, rows] of [
        [SHIP, ships],
        [SHOT, shots],
      ] as const) {
        rows.values.forEach((value, at) => {
          const field = kind.fields[at % kind.fields.length] as SnapshotField;
          const isHeld = value > field.min - field.step / 2 && value < field.max + field.step / 2;
          if (!isHeld) expect.fail(`${field.name} was ${value}`);
          seen++;
        });
      }
    });
    expect(seen).toBeGreaterThan(50_000);
  });

  it("[SN11] is so fine that a shot stays where its birth says for as long as it flies", () => {
    const speedStep = SHOT.fields[ShotField.VX]?.step ?? 1;
    const placeStep = SHOT.fields[ShotField.X]?.step ?? 0;
    const strayed = (speedStep / 2) * PROJECTILE_LIFE_SECONDS;
    expect(placeStep / 2 + strayed).toBeLessThan(placeStep);
  });
});

describe("what the arena puts down", () => {
  it("[SN11] is every living ship with what its owner predicts from", () => {
    const match = new ArenaMatch().join(0, 1, 2);
    for (let step = 0; step < 20; step++) match.command(1, ArenaButton.RIGHT, 0.5);
    match.ship(1).health = 40;
    match.ship(1).lastCommandTick = 70_000;
    Object.assign(match.ship(2), { isAlive: false, health: 0 });
    const { ships } = collected(match);
    const ship = match.ship(1);
    expect(ships.ids).toEqual([0, 1]);
    expect(ships.row(1)).toEqual([
      ship.xMetres,
      ship.yMetres,
      ship.vxMetresPerSecond,
      ship.vyMetresPerSecond,
      ship.angleRadians,
      40,
      70_000 - 65_536,
    ]);
    expect([0, 1, 2, 3].map((seat) => arenaSnapshots.ownOf(match.state, seat))).toEqual([
      { kind: ArenaKind.SHIP, id: 0 },
      { kind: ArenaKind.SHIP, id: 1 },
      undefined,
      undefined,
    ]);
  });

  it("[SN11] is every shot, with how many ticks ago it appeared", () => {
    const match = new ArenaMatch().clearGround().join(0);
    match.place(0, 20, 50, 0.5);
    match.command(0, ArenaButton.FIRE, 0.5);
    for (let age = 0; age < 20; age++) {
      const { shots } = collected(match);
      const shot = match.state.projectiles[0];
      expect(shots.ids).toEqual([shot?.id]);
      expect(shots.row(shot?.id ?? 0)).toEqual([
        shot?.xMetres,
        shot?.yMetres,
        shot?.vxMetresPerSecond,
        shot?.vyMetresPerSecond,
        0,
        age,
      ]);
      match.command(0, 0, 0.5);
    }
  });
});

describe("who looks where in the arena", () => {
  const eyeAt = (match: ArenaMatch, seat: number) => {
    const eye = { x: -1, y: -1 };
    return arenaSnapshots.eyeOf(match.state, seat, eye) ? eye : undefined;
  };

  it("[SN12] does not matter in small worlds, where everybody is sent everything", () => {
    for (const seatsMax of [1, 32, 64]) {
      expect(arenaSnapshots.interest(new ArenaMatch({ seatsMax }).setup)).toBeUndefined();
    }
    for (const seatsMax of [100, 200, SEATS_MAX]) {
      const side = worldSideMetres(seatsMax);
      const interest = arenaSnapshots.interest(new ArenaMatch({ seatsMax }).setup);
      expect(interest).toMatchObject({ widthMetres: side, heightMetres: side });
      // No sliver of a cell at the end.
      expect(side / (interest?.cellMetres ?? 0)).toBeCloseTo(
        Math.round(side / (interest?.cellMetres ?? 1)),
        9,
      );
    }
  });

  it("[SN12] sees at every tick what the page shows of a usual window, from anywhere", () => {
    const match = new ArenaMatch({ seatsMax: 200 }).join(0);
    const interest = arenaSnapshots.interest(match.setup);
    const [near, side] = [interest?.nearMetres ?? 0, interest?.widthMetres ?? 0];
    // As the page's camera has it: 42 m of the window's mean side, little of what lies beyond walls.
    const shown = { x: 42 * Math.sqrt(16 / 9), y: 42 / Math.sqrt(16 / 9) };
    for (const [at, half] of [
      ["x", shown.x / 2],
      ["y", shown.y / 2],
    ] as const) {
      for (let place = 0.8; place < side; place += 3) {
        match.place(0, place, place);
        const camera = Math.max(half - 5, Math.min(side - half + 5, place));
        const cell = interest?.cellMetres ?? 0;
        const eye = eyeAt(match, 0)?.[at] ?? 0;
        // The present square counts until the eye is beyond its border by a tenth of it.
        for (const lag of [-cell / 10, 0, cell / 10]) {
          const within = Math.max(0, Math.min(side - 1e-9, eye + lag));
          const low = Math.floor(within / cell) * cell;
          expect(low - near).toBeLessThanOrEqual(Math.max(0, camera - half));
          expect(low + cell + near).toBeGreaterThanOrEqual(Math.min(side, camera + half));
        }
      }
    }
  });

  it("[SN12] stays where it was destroyed until it appears again, and a seat without a ship sees nothing", () => {
    const match = new ArenaMatch().join(0);
    match.place(0, 40, 50);
    match.ship(0).isAlive = false;
    expect([eyeAt(match, 0), eyeAt(match, 1)]).toEqual([{ x: 40, y: 50 }, undefined]);
  });
});

describe("what is left for the arena's schema", () => {
  function replicaOf(match: ArenaMatch, seats: readonly number[]): ArenaReplica {
    const replica = arenaReplica.create(match.setup);
    for (const seat of seats) {
      match.join(seat);
      arenaReplica.join(replica, seat, { name: `ship ${seat}`, team: "" });
    }
    return replica;
  }

  it("[SN3] is all but what snapshots carry, and the tick of its last change", () => {
    const match = new ArenaMatch({ gameProperties: { scoreLimit: "3" }, seatsMax: 6 });
    const rest = replicaOf(match, [0, 1, 2, 3]);
    const whole = arenaReplica.create(match.setup);
    for (const seat of [0, 1, 2, 3]) {
      arenaReplica.join(whole, seat, { name: `ship ${seat}`, team: "" });
    }
    const random = createRandom(5);
    const moving = ["x", "y", "vx", "vy", "angle", "health", "ack"];
    const slow = (replica: ArenaReplica) => {
      const { tick, projectiles, ships, ...more } = replica.toJSON() as Record<string, unknown>;
      const left = Object.entries(ships as Record<string, Record<string, unknown>>).map(
        ([seat, ship]) => [
          seat,
          Object.fromEntries(Object.entries(ship).filter(([name]) => !moving.includes(name))),
        ],
      );
      return JSON.stringify({ ...more, left });
    };
    let before = slow(rest);
    let changes = 0;
    for (let step = 0; step < 3000 && match.result === undefined; step++) {
      match.step(botCommands(match.state, random));
      arenaSnapshots.writeRest(match.state, rest);
      arenaReplica.write(match.state, whole);
      const now = slow(rest);
      expect(now).toBe(slow(whole));
      if (now !== before) {
        expect(rest.tick).toBe(match.state.tick);
        changes++;
      }
      before = now;
    }
    expect(changes).toBeGreaterThan(5);
    expect(rest.phase).toBe("over");
    expect(rest.winners.toJSON()).toEqual(match.result?.winners);
    expect(rest.projectiles.size).toBe(0);
    for (const ship of rest.ships.values()) {
      expect([ship.x, ship.y, ship.vx, ship.vy, ship.angle, ship.health, ship.ack]).toEqual(
        Array(7).fill(undefined),
      );
    }
  });

  it("[SN3] is nothing where ships only fly and shoot", () => {
    const match = new ArenaMatch();
    const replica = replicaOf(match, [0, 1]);
    arenaSnapshots.writeRest(match.state, replica);
    const encoder = new Encoder(replica);
    encoder.encodeAll();
    encoder.discardChanges();
    match.place(0, 20, 20);
    match.place(1, 80, 80);
    for (let step = 0; step < 20; step++) {
      match.command(0, ArenaButton.FIRE | ArenaButton.UP, -1);
      arenaSnapshots.writeRest(match.state, replica);
      expect(encoder.hasChanges).toBe(false);
    }
    expect(match.state.projectiles.length).toBeGreaterThan(0);
  });
});
