import { describe, expect, test } from "vitest";
import { ShipPrediction } from "../../client/arena/own-ship/prediction.ts";
import {
  ArenaButton,
  createGround,
  type ShipBody,
  stepShip,
} from "../../rooms/arena/prediction.ts";

const TICK_RATE_HZ = 30;
const TICK_MS = 1000 / TICK_RATE_HZ;
const GROUND = createGround(100, 100, []);
const TOLERANCE = { metres: 0.02, metresPerSecond: 0.04, radians: 0.004 };
const RIGHT = { buttons: ArenaButton.RIGHT, aimRadians: 0 };
const START: ShipBody = {
  xMetres: 50,
  yMetres: 50,
  vxMetresPerSecond: 0,
  vyMetresPerSecond: 0,
  angleRadians: 0,
};

/** A client that holds one key, and the server's ship under the same key. */
class Pair {
  readonly prediction: ShipPrediction;
  readonly server = { ...START };
  nowMs = 0;
  tick: number;
  readonly issued: number[] = [];

  constructor(joinTick = 0) {
    this.tick = joinTick;
    this.prediction = new ShipPrediction({
      ...{ tickRateHz: TICK_RATE_HZ, ground: GROUND, tolerance: TOLERANCE },
      joinTick,
    });
    this.prediction.answer({ tick: joinTick, ack: joinTick & 0xffff, body: START }, 0);
  }

  /** The client issues what is due. */
  play(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) {
      this.nowMs += TICK_MS + 1e-6;
      for (const { command } of this.prediction.issue(RIGHT, this.nowMs)) {
        this.issued.push(command.tick);
      }
    }
  }

  /** The server steps, each time with the next command, or holding the last one. */
  serve(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) stepShip(this.server, RIGHT, GROUND, 1 / TICK_RATE_HZ);
    this.tick += ticks;
  }

  /** @param off - By how much the word is rounded. */
  hear(ack: number, off = 0): number | undefined {
    const { server } = this;
    const body = {
      ...server,
      xMetres: server.xMetres + off,
      vxMetresPerSecond: server.vxMetresPerSecond - off,
    };
    return this.prediction.answer({ tick: this.tick, ack: ack & 0xffff, body }, this.nowMs);
  }
}

describe("prediction against quantised words", () => {
  test("[FE5] takes a word within its precision for a confirmation, however often it is rounded otherwise", () => {
    const pair = new Pair();
    pair.play(6);
    for (let round = 0; round < 60; round++) {
      pair.serve(1);
      const before = pair.prediction.pose(pair.nowMs)?.x;
      expect(pair.hear(round + 1, round % 2 === 0 ? 0.015 : -0.015)).toBe(0);
      expect(pair.prediction.pose(pair.nowMs)?.x).toBe(before);
      pair.play(1);
    }
  });

  test("[FE5] tells by how much a word beyond its precision has moved the ship", () => {
    const pair = new Pair();
    pair.play(6);
    pair.serve(3);
    expect(pair.hear(3, 0.3)).toBeGreaterThan(0.2);
    pair.serve(1);
    // What was rounded is put right by the next word.
    expect(pair.hear(4)).toBeGreaterThan(0.2);
    pair.serve(1);
    expect(pair.hear(5)).toBe(0);
  });

  test("[FE5] needs no correction after a silence, in which the server moved on as it had said", () => {
    const pair = new Pair();
    pair.play(5);
    pair.serve(3);
    expect(pair.hear(3)).toBe(0);
    pair.play(20);
    pair.serve(20);
    expect(pair.hear(23)).toBe(0);
    expect(pair.prediction.ticksAhead).toBe(2);
  });

  test("[FE5] follows a step that the server made without a command, once it uses that command after all", () => {
    const pair = new Pair();
    pair.play(8);
    pair.serve(5);
    expect(pair.hear(5)).toBe(0);
    const ownTick = pair.prediction.tickAt(pair.nowMs) ?? 0;
    pair.serve(1);
    expect(pair.hear(5)).toBe(0);
    expect(pair.prediction.tickAt(pair.nowMs)).toBeCloseTo(ownTick, 6);
    pair.serve(1);
    expect(pair.hear(6)).toBeGreaterThan(0.1);
    // The ship is now where it will be a tick later.
    expect(pair.prediction.tickAt(pair.nowMs)).toBeCloseTo(ownTick + 1, 6);
    pair.serve(1);
    expect(pair.hear(7)).toBe(0);
  });

  test("[FE17] goes on as before while commands are held back, and when the server drops those it went without", () => {
    const pair = new Pair();
    pair.play(8);
    pair.serve(5);
    expect(pair.hear(5)).toBe(0);
    const ahead = (pair.prediction.tickAt(pair.nowMs) ?? 0) - pair.tick;
    for (let step = 0; step < 12; step++) {
      pair.play(1);
      pair.serve(1);
      expect(pair.hear(5)).toBe(0);
      expect((pair.prediction.tickAt(pair.nowMs) ?? 0) - pair.tick).toBeCloseTo(ahead, 3);
      // A shot that is fired now meets the others as of then; one told of now was fired by the held key.
      expect(pair.prediction.tickOf(pair.issued.at(-1) ?? 0)).toBe(pair.tick + 3);
      expect(pair.prediction.numberAt(pair.tick)).toBe(pair.tick);
    }
    pair.serve(1);
    expect(pair.hear(18)).toBe(0);
    expect(pair.prediction.tickAt(pair.nowMs)).toBeCloseTo(pair.tick + ahead - 1, 3);
  });

  test("[FE17] takes a straggler among those held back for what it is, and a delay that stays for one", () => {
    const pair = new Pair();
    pair.play(20);
    pair.serve(5);
    expect(pair.hear(5)).toBe(0);
    const ownTick = pair.prediction.tickAt(pair.nowMs) ?? 0;
    pair.serve(8);
    expect(pair.hear(6)).toBe(0);
    expect(pair.prediction.tickAt(pair.nowMs)).toBeCloseTo(ownTick, 6);
    for (let ack = 7; ack <= 9; ack++) {
      pair.serve(1);
      expect(pair.hear(ack)).toBe(0);
    }
    pair.serve(1);
    expect(pair.hear(10)).toBeGreaterThan(1);
    expect(pair.prediction.tickAt(pair.nowMs)).toBeCloseTo(ownTick + 7, 6);
  });

  test("[FE17] does not take what is issued after a sleep, or over a new connection, for late", () => {
    const pair = new Pair();
    pair.play(5);
    pair.serve(5);
    expect(pair.hear(5)).toBe(0);
    for (const wake of [
      () => {
        pair.nowMs += 300 * TICK_MS;
        pair.serve(300);
        pair.hear(5);
      },
      () => pair.prediction.reconnected(),
    ]) {
      wake();
      pair.play(1);
      const { ticksAhead } = pair.prediction;
      expect(ticksAhead).toBeGreaterThan(0);
      pair.serve(1);
      pair.hear(5);
      const ahead = (pair.prediction.tickAt(pair.nowMs) ?? 0) - pair.tick;
      expect(ahead).toBeGreaterThanOrEqual(ticksAhead - 1);
    }
  });

  test("[FE5] knows acknowledgements by their low 16 bits, over their wrap and in a match of hours", () => {
    const pair = new Pair(131_060);
    for (let round = 0; round < 40; round++) {
      pair.play(1);
      pair.serve(1);
      expect(pair.hear(131_060 + round + 1)).toBe(0);
    }
    expect(pair.issued[0]).toBe(131_061);
    expect(pair.issued.at(-1)).toBe(131_100);
    expect(pair.prediction.ticksAhead).toBe(0);
  });

  test("[FE5] goes on with commands while the ship is destroyed, and they steer the next one from its first moment", () => {
    const pair = new Pair();
    pair.play(3);
    pair.prediction.destroyed();
    expect(pair.prediction.pose(pair.nowMs)).toBeUndefined();
    pair.play(200);
    expect(pair.issued).toHaveLength(203);
    const body = { ...START, xMetres: 20 };
    const moved = pair.prediction.answer({ tick: 200, ack: 200, body }, pair.nowMs);
    expect(moved).toBeUndefined();
    expect(pair.prediction.ticksAhead).toBe(3);
    expect(pair.prediction.pose(pair.nowMs)?.x).toBeGreaterThan(20.2);
  });

  test("[FE5] sends nothing before it knows where the server's numbers are", () => {
    const prediction = new ShipPrediction({
      ...{ tickRateHz: TICK_RATE_HZ, ground: GROUND, tolerance: TOLERANCE },
      joinTick: 500,
    });
    expect(prediction.issue(RIGHT, 0)).toEqual([]);
    expect(prediction.tickAt(0)).toBeUndefined();
    prediction.answer({ tick: 500, ack: 321, body: START }, 10);
    expect(prediction.issue(RIGHT, 10).map(({ command }) => command.tick)).toEqual([322]);
  });
});
