import { describe, expect, it } from "vitest";
import { TickLoop } from "../../../server/host/tick-loop.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import type { TickProgress } from "../../../server/session/match-room.ts";
import { ProcessHealth } from "../../../server/session/process-health.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LOOK_MS = SESSION_LIMITS.healthLookMs;
const OPENING_MS_MAX = 50_000;

/** A process with a match at 30 Hz; the tick loop is the real one. */
class HealthWorld {
  readonly clock = new FakeClock();
  readonly telemetry = new MemoryTelemetry();
  /** What the event loop's delay is measured to be. */
  delayMs = 0;
  /** Whether the event loop's delay is. */
  isMeasuring = false;
  /** How long each step of the match holds the event loop. */
  stepMs = 0;
  readonly loop = new TickLoop({
    clock: this.clock,
    tickRateHz: 30,
    onTick: () => this.clock.hold(this.stepMs),
    onOverrun: () => {},
  });
  match:
    | { state: "opening" | "active" | "over" | "closing"; progress?: TickProgress | undefined }
    | undefined = { state: "active" };
  gameSessionId = "gsess-1";
  readonly health = new ProcessHealth({
    clock: this.clock,
    telemetry: this.telemetry,
    loopDelay: {
      takeMedianMs: (goesOn) => {
        this.isMeasuring = goesOn;
        return this.delayMs;
      },
    },
    openingMsMax: OPENING_MS_MAX,
    match: () => {
      const { match, gameSessionId } = this;
      if (match === undefined) return undefined;
      const progress = "progress" in match ? match.progress : this.loop.progress;
      return { gameSessionId, state: match.state, tickProgress: () => progress };
    },
  });

  constructor() {
    this.loop.start();
    this.health.start();
  }

  /** Stops the loop's time, as if its timer had been lost. */
  freeze(): void {
    if (this.match !== undefined) this.match.progress = this.loop.progress;
  }

  get isHealthy(): boolean {
    return this.health.verdict().isHealthy;
  }

  get changes(): string[] {
    return this.telemetry.of("healthChanged").map(({ reason }) => reason);
  }

  /** Passes looks of this process, at most an hour of them. @returns how many, until `until`. */
  looks(count: number): void {
    for (let look = 0; look < count; look++) this.clock.advance(LOOK_MS);
  }
}

const FAULTS: [
  string,
  string,
  object,
  (world: HealthWorld) => void,
  (world: HealthWorld) => void,
][] = [
  [
    "no step of a match that should tick",
    "ticks_stalled",
    { ticks: "stalled" },
    (world) => world.freeze(),
    (world) => {
      world.match = { state: "active" };
    },
  ],
  [
    "a match of which most steps are dropped",
    "ticks_behind",
    { ticks: "behind" },
    (world) => {
      world.stepMs = 90;
    },
    (world) => {
      world.stepMs = 0;
    },
  ],
  [
    "an event loop that is always late",
    "event_loop_slow",
    { eventLoop: "slow" },
    (world) => {
      world.delayMs = 500;
    },
    (world) => {
      world.delayMs = 499;
    },
  ],
];

describe("a process", () => {
  it("[HE1] is well before anything was seen, with a match that ticks, and without one", () => {
    const world = new HealthWorld();
    const parts = (ticks: string, match: string) => ({
      isHealthy: true,
      parts: { ticks, eventLoop: "ok", match },
    });
    expect(world.health.verdict()).toEqual(parts("none", "none"));
    world.looks(60);
    expect(world.health.verdict()).toEqual(parts("ok", "ok"));
    world.match = undefined;
    world.looks(60);
    expect(world.health.verdict()).toEqual(parts("none", "none"));
    expect(world.changes).toEqual([]);
    world.loop.stop();
    world.health.close();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[HE9] measures its event loop while there is a match, and not without", () => {
    const world = new HealthWorld();
    world.match = undefined;
    world.looks(3);
    expect(world.isMeasuring).toBe(false);
    world.match = { state: "opening" };
    world.looks(1);
    expect(world.isMeasuring).toBe(true);
    world.match = undefined;
    world.looks(1);
    expect(world.isMeasuring).toBe(false);
  });

  it.each(FAULTS)(
    "[HE1] is unwell by %s, once that was seen for a minute",
    (_what, reason, seen, begin) => {
      const world = new HealthWorld();
      world.looks(2);
      begin(world);
      world.looks(1);
      const beganAtMs = world.clock.nowMs();
      // The window in which it began may have been good for the most part.
      if (reason !== "event_loop_slow") world.looks(1);
      expect(world.health.verdict()).toMatchObject({ isHealthy: true, parts: seen });
      while (world.isHealthy) world.looks(1);
      expect(world.clock.nowMs() - beganAtMs).toBeGreaterThanOrEqual(60_000);
      expect(world.clock.nowMs() - beganAtMs).toBeLessThan(130_000);
      expect(world.telemetry.of("healthChanged")).toEqual([{ isHealthy: false, reason }]);
      world.looks(30);
      expect(world.changes).toHaveLength(1);
    },
  );

  it.each(FAULTS)(
    "[HE2] is well again at the first look without %s",
    (_what, reason, _seen, begin, end) => {
      const world = new HealthWorld();
      world.looks(2);
      begin(world);
      world.looks(30);
      expect(world.isHealthy).toBe(false);
      end(world);
      world.looks(2);
      expect([world.isHealthy, world.changes]).toEqual([true, [reason, "recovered"]]);
    },
  );

  it.each(FAULTS)(
    "[HE2] stays well with %s for less than a minute, again and again",
    (_what, _reason, _seen, begin, end) => {
      const world = new HealthWorld();
      world.looks(2);
      for (let time = 0; time < 20; time++) {
        begin(world);
        world.looks(5);
        end(world);
        world.looks(2);
      }
      expect(world.changes).toEqual([]);
    },
  );

  it("[HE2] stays well when one fault takes turns with another", () => {
    const world = new HealthWorld();
    for (let look = 0; look < 60; look++) {
      world.delayMs = look % 2 === 0 ? 5_000 : 0;
      if (look % 2 === 1) world.freeze();
      else world.match = { state: "active" };
      world.looks(1);
    }
    expect(world.changes).toEqual([]);
  });

  it("[HE1] is unwell by ticks that are now behind and now stalled", () => {
    const world = new HealthWorld();
    world.stepMs = 90;
    world.looks(2);
    world.freeze();
    for (let look = 0; look < 10 && world.isHealthy; look++) world.looks(1);
    expect(world.changes).toEqual(["ticks_stalled"]);
  });
});

describe("what is no fault", () => {
  it.each([1_000, 9_000, 35_000, 300_000])(
    "[HE3] is one step that holds the event loop for %i ms",
    (forMs) => {
      const world = new HealthWorld();
      world.looks(2);
      world.clock.hold(forMs);
      world.delayMs = forMs;
      world.looks(1);
      world.delayMs = 0;
      world.looks(60);
      expect(world.changes).toEqual([]);
    },
  );

  it("[HE3] is a heavy stall of 50 s", () => {
    const world = new HealthWorld();
    world.looks(2);
    world.stepMs = 400;
    world.delayMs = 2_000;
    const atMs = world.clock.nowMs();
    while (world.clock.nowMs() - atMs < 50_000) world.clock.advance(100);
    world.stepMs = 0;
    world.delayMs = 0;
    world.looks(60);
    expect(world.changes).toEqual([]);
  });

  it.each([
    ["a match that nobody has joined", { state: "active", progress: progress("idle", 0) }],
    ["a room without a tick loop of ours", { state: "active", progress: undefined }],
    [
      "a match that closes, its loop stopped",
      { state: "closing", progress: progress("stopped", 9) },
    ],
  ] as const)("[HE3] is %s", (_what, match) => {
    const world = new HealthWorld();
    world.match = { ...match };
    world.looks(2);
    expect([world.health.verdict().parts.ticks, world.changes]).toEqual(["none", []]);
  });

  it("[HE3] is a match that drops somewhat less than half of its steps", () => {
    const world = new HealthWorld();
    world.match = { state: "active" };
    let ranTicks = 0;
    let droppedTicks = 0;
    for (let look = 0; look < 60; look++) {
      ranTicks += 151;
      droppedTicks += 149;
      world.match = { state: "active", progress: { state: "running", ranTicks, droppedTicks } };
      world.looks(1);
    }
    expect(world.changes).toEqual([]);
  });

  it("[HE3] is the first look at another match, whatever the last one's loop did", () => {
    const world = new HealthWorld();
    world.match = { state: "active", progress: progress("running", 500) };
    world.looks(1);
    for (let match = 2; match < 40; match++) {
      world.gameSessionId = `gsess-${match}`;
      world.looks(1);
      expect(world.health.verdict().parts.ticks).toBe("ok");
    }
  });
});

function progress(state: TickProgress["state"], ranTicks: number): TickProgress {
  return { state, ranTicks, droppedTicks: 0 };
}

describe("a match that is stuck", () => {
  it.each([
    ["opening", OPENING_MS_MAX],
    ["closing", SESSION_LIMITS.closingMsMax],
  ] as const)(
    "[HE4] in %s makes its process unwell a minute after its longest time",
    (state, mostMs) => {
      const world = new HealthWorld();
      world.match = { state };
      world.looks(1);
      world.looks(mostMs / LOOK_MS - 1);
      expect(world.health.verdict().parts.match).toBe("ok");
      world.looks(1);
      expect(world.health.verdict()).toMatchObject({
        isHealthy: true,
        parts: { match: `${state}_stuck` },
      });
      world.looks(5);
      expect(world.isHealthy).toBe(true);
      world.looks(1);
      expect([world.isHealthy, world.changes]).toEqual([false, [`match_${state}_stuck`]]);
      world.match = undefined;
      world.looks(1);
      expect(world.isHealthy).toBe(true);
    },
  );

  it("[HE4] is none of many that are seen in the same state one after the other", () => {
    const world = new HealthWorld();
    world.match = { state: "opening" };
    for (let match = 0; match < 20; match++) {
      world.gameSessionId = `gsess-${match}`;
      world.looks(2);
      expect(world.health.verdict().parts.match).toBe("ok");
    }
  });

  it("[HE4] is none that gets on: each state, and each match, has its own time", () => {
    const world = new HealthWorld();
    for (let match = 0; match < 20; match++) {
      world.gameSessionId = `gsess-${match}`;
      for (const state of ["opening", "active", "over", "closing"] as const) {
        world.match = { state };
        world.looks(state === "active" ? 30 : 2);
        expect(world.health.verdict().parts.match).toBe("ok");
      }
    }
    expect(world.changes).toEqual([]);
  });
});
