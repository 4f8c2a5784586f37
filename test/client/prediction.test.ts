import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WordTolerance } from "../../client/arena/own-ship/own-word.ts";
import {
  type PredictedStep,
  ShipPrediction,
  UNANSWERED_MAX,
} from "../../client/arena/own-ship/prediction.ts";
import {
  ArenaButton,
  type ArenaControls,
  createGround,
  type ShipBody,
  stepShip,
} from "../../rooms/arena/prediction.ts";

const TICK_RATE_HZ = 30;
const TICK_MS = 1000 / TICK_RATE_HZ;
const GROUND = createGround(100, 100, [{ xMetres: 60, yMetres: 50, radiusMetres: 3 }]);
const RIGHT = { buttons: ArenaButton.RIGHT, aimRadians: 0 };
type Issued = PredictedStep["command"];
const EXACT: WordTolerance = { metres: 1e-9, metresPerSecond: 1e-9, radians: 1e-9 };
const NOTHING = { buttons: 0, aimRadians: 0 };

const restingAt = (xMetres: number, yMetres: number): ShipBody => ({
  xMetres,
  yMetres,
  vxMetresPerSecond: 0,
  vyMetresPerSecond: 0,
  angleRadians: 0,
});

/** The server's side: uses commands one per tick, in order. */
function serve(body: ShipBody, commands: readonly Issued[]): ShipBody {
  const after = { ...body };
  for (const command of commands) stepShip(after, command, GROUND, 1 / TICK_RATE_HZ);
  return after;
}

/** Of a tab that joined as tick 0 was due. */
function fresh(more: { joinTick?: number; tolerance?: WordTolerance } = {}): ShipPrediction {
  return new ShipPrediction({
    tickRateHz: TICK_RATE_HZ,
    ground: GROUND,
    tolerance: EXACT,
    joinTick: 0,
    ...more,
  });
}

/** The server's word as of a tick; each tick uses a command unless said otherwise. */
function answer(
  prediction: ShipPrediction,
  body: ShipBody | undefined,
  ack: number,
  nowMs: number,
  tick: number = ack,
): number | undefined {
  return prediction.answer({ tick, ack, body }, nowMs);
}

function begun(more: Parameters<typeof fresh>[0] = {}): ShipPrediction {
  const prediction = fresh(more);
  answer(prediction, restingAt(50, 50), 0, 0);
  return prediction;
}

function issue(prediction: ShipPrediction, controls: ArenaControls, nowMs: number): Issued[] {
  return prediction.issue(controls, nowMs).map(({ command }) => command);
}

describe("prediction", () => {
  test("[CL3] moves the own ship in the very frame of the key press", () => {
    const prediction = begun();
    issue(prediction, RIGHT, 0);
    issue(prediction, RIGHT, 5);
    expect(prediction.pose(10)?.x).toBeGreaterThan(50);
  });

  test("[CL3] issues one command per tick of the match, numbered without gaps", () => {
    const prediction = begun();
    const issued: Issued[] = [];
    for (let nowMs = 0; nowMs < 1000; nowMs += 7) issued.push(...issue(prediction, RIGHT, nowMs));
    expect(issued.length).toBeGreaterThanOrEqual(29);
    expect(issued.length).toBeLessThanOrEqual(31);
    expect(issued.map(({ tick }) => tick)).toEqual(issued.map((_, index) => index + 1));
  });

  test("[CL3] issues at most a few commands after a sleep, not all that were missed", () => {
    const prediction = begun();
    issue(prediction, RIGHT, 0);
    expect(issue(prediction, RIGHT, 60_000).length).toBeLessThanOrEqual(8);
    expect(issue(prediction, RIGHT, 60_000 + TICK_MS + 1)).toHaveLength(1);
  });

  test("[CL4] needs no correction when the server applies the same commands, whatever the delay", () => {
    const controls = fc.record({
      buttons: fc.integer({ min: 0, max: 15 }),
      aimRadians: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(controls, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 20 }),
        (held, delayTicks) => {
          const prediction = begun();
          const issued: Issued[] = [];
          for (const [index, one] of held.entries()) {
            const nowMs = (index + 1) * TICK_MS + 0.01 * (index + 1);
            issued.push(...issue(prediction, one, nowMs));
            const before = prediction.pose(nowMs);
            const used = issued.slice(0, Math.max(0, issued.length - delayTicks));
            const ack = used.at(-1)?.tick ?? 0;
            answer(prediction, serve(restingAt(50, 50), used), ack, nowMs);
            expect(prediction.pose(nowMs)?.x).toBeCloseTo(before?.x ?? Number.NaN, 9);
            expect(prediction.pose(nowMs)?.y).toBeCloseTo(before?.y ?? Number.NaN, 9);
          }
        },
      ),
    );
  });

  test("[CL4] shows a small correction little by little and ends at the server's place", () => {
    const prediction = begun();
    issue(prediction, NOTHING, 0);
    answer(prediction, restingAt(51, 50), 1, 10);
    expect(prediction.pose(10)?.x).toBeCloseTo(50, 6);
    const midway = prediction.pose(90)?.x ?? Number.NaN;
    expect(midway).toBeGreaterThan(50.4);
    expect(midway).toBeLessThan(51);
    expect(prediction.pose(2_000)?.x).toBeCloseTo(51, 6);
  });

  test("[CL4] shows a large correction at once", () => {
    const prediction = begun();
    answer(prediction, restingAt(20, 80), 0, 10);
    expect(prediction.pose(10)).toMatchObject({ x: 20, y: 80 });
  });

  test("[CL4] has no ship while the server says it is destroyed", () => {
    const prediction = begun();
    answer(prediction, undefined, 0, 10);
    expect(prediction.pose(20)).toBeUndefined();
  });

  test("[CL4] keeps a bounded number of unanswered commands, and starts again when they were lost", () => {
    const prediction = begun();
    let sent = 0;
    let nowMs = 0;
    for (; sent < 5 * UNANSWERED_MAX; sent++) {
      nowMs += TICK_MS + 0.01;
      issue(prediction, RIGHT, nowMs);
    }
    expect(prediction.ticksAhead).toBe(UNANSWERED_MAX);
    answer(prediction, restingAt(50, 50), 0, nowMs);
    expect(prediction.ticksAhead).toBe(0);
    const [next] = issue(prediction, RIGHT, nowMs + TICK_MS + 0.01);
    expect(next?.tick).toBe(1);
  });

  test("[CL4] continues the command numbers of the tab before the refresh", () => {
    const prediction = fresh();
    answer(prediction, restingAt(50, 50), 4711, 0);
    expect(issue(prediction, RIGHT, 0)[0]?.tick).toBe(4712);
  });

  test("[CL4] forgets commands lost with a dropped connection, without using a number twice", () => {
    const prediction = begun();
    for (let nowMs = 0; nowMs < 500; nowMs += 10) issue(prediction, RIGHT, nowMs);
    const issued = prediction.ticksAhead;
    prediction.reconnected();
    expect(prediction.ticksAhead).toBe(0);
    expect(issue(prediction, RIGHT, 900)[0]?.tick).toBe(issued + 1);
  });
});
