import { describe, expect, it } from "vitest";
import { systemClock } from "../../../../server/clock.ts";
import { JOIN_OUTCOMES } from "../../../../server/telemetry/catalogue/labels.ts";
import { eventNameOf, logEvents } from "../../../../server/telemetry/catalogue/log-events.ts";
import type { EventName } from "../../../../server/telemetry/every-event.ts";
import { LiveTelemetry } from "../../../../server/telemetry/live/live-telemetry.ts";
import type { ServerReading } from "../../../../server/telemetry/readings.ts";
import type { JoinOutcome } from "../../../../server/telemetry/telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { MATCH, READING } from "./live-readings.ts";

class LiveWorld {
  readonly clock = new FakeClock(1_000_000);
  readonly live = new LiveTelemetry({ clock: this.clock });

  /** Steps at 20 Hz, each begun on time unless said otherwise. */
  run(ticks: number, durationMs = 2, lateMs = 0): void {
    for (let tick = 0; tick < ticks; tick++) {
      this.live.tickRan({ durationMs, lateMs, intervalMs: 50, commands: 0 });
      this.clock.advance(50);
    }
  }

  join(outcome: JoinOutcome, times = 1): void {
    for (let time = 0; time < times; time++) {
      this.live.joinEnded({
        connectionId: time,
        transport: "tcp",
        outcome,
        durationMs: 3,
        traceParent: "",
      });
    }
  }

  snapshot(over: Partial<ServerReading> = {}) {
    return this.live.snapshot({ ...READING, ...over });
  }

  ticks(health: ServerReading["health"]["ticks"] = "ok") {
    return this.snapshot({ health: { ...READING.health, ticks: health } }).ticks;
  }
}

describeTelemetryContract("LiveTelemetry", () => new LiveTelemetry({ clock: new FakeClock() }));

describe("the live picture of ticks", () => {
  it("[LV1] has the last 60 whole seconds, the oldest first", () => {
    const world = new LiveWorld();
    world.run(20, 9, 0);
    world.clock.advance(57_000);
    world.run(19, 2, 1.25);
    world.live.stepOverran({ lateMs: 300, droppedTicks: 4 });
    world.run(1, 12.34, 30);
    world.run(10, 90, 0);
    const { seconds } = world.snapshot();
    for (const column of Object.values(seconds)) expect(column).toHaveLength(60);
    expect(seconds.ran).toEqual([0, 20, ...Array(57).fill(0), 20]);
    expect(seconds.dropped.at(-1)).toBe(4);
    expect(seconds.meanMs.at(-1)).toBe(2.5);
    expect(seconds.maxMs.at(-1)).toBe(12.3);
    expect(seconds.lateMs.at(-1)).toBe(30);
    expect(seconds.maxMs[1]).toBe(9);
  });

  it("[LV1] forgets what is older than a minute, also where a slot is used again", () => {
    const world = new LiveWorld();
    world.run(20, 9, 5);
    world.live.stepOverran({ lateMs: 300, droppedTicks: 4 });
    world.clock.advance(63_000);
    world.run(20, 2);
    const { seconds, ticks } = world.snapshot();
    expect([seconds.ran.at(-1), seconds.maxMs.at(-1), seconds.dropped.at(-1)]).toEqual([20, 2, 0]);
    expect(Math.max(...seconds.maxMs, ticks?.maxMs ?? 0, ticks?.p99Ms ?? 0)).toBe(2);
    world.clock.advance(61_000);
    expect(Math.max(...world.snapshot().seconds.ran)).toBe(0);
  });

  it("[LV1] tells the 99th percentile and the longest step of the minute", () => {
    const world = new LiveWorld();
    world.run(980, 2);
    world.run(10, 7);
    world.run(10, 20);
    world.run(100, 2);
    expect(world.ticks()).toMatchObject({ p99Ms: 7, maxMs: 20, ranTicks: 1_200, droppedTicks: 3 });
  });

  it.each([
    ["idle", "none", () => {}],
    ["stalled", "stalled", (world: LiveWorld) => world.run(200)],
    ["behind", "behind", (world: LiveWorld) => world.run(200)],
    ["starting", "ok", (world: LiveWorld) => world.run(30)],
    ["keeps_up", "ok", (world: LiveWorld) => world.run(60)],
    ["near_limit", "ok", (world: LiveWorld) => world.run(300, 41)],
    ["near_limit", "ok", (world: LiveWorld) => world.run(300, 2, 51)],
    [
      "stalled",
      "ok",
      (world: LiveWorld) => {
        world.run(300);
        world.clock.advance(3_000);
      },
    ],
    [
      "behind",
      "ok",
      (world: LiveWorld) => {
        world.run(150);
        world.live.stepOverran({ lateMs: 400, droppedTicks: 3 });
        world.run(150);
      },
    ],
    [
      "keeps_up",
      "ok",
      (world: LiveWorld) => {
        world.live.stepOverran({ lateMs: 400, droppedTicks: 3 });
        world.run(400);
      },
    ],
    [
      "behind",
      "ok",
      (world: LiveWorld) => {
        for (let second = 0; second < 15; second++) {
          world.run(18);
          world.clock.advance(100);
        }
      },
    ],
  ] as const)("[LV2] says %s, health being %s (%#)", (verdict, health, happen) => {
    const world = new LiveWorld();
    happen(world);
    expect(world.ticks(health)?.verdict).toBe(verdict);
  });

  it("[LV2] tells the rate of the seconds since steps began", () => {
    const world = new LiveWorld();
    world.clock.advance(500);
    world.run(70);
    expect(world.ticks()).toMatchObject({ rateHz: 20, targetHz: 20, verdict: "keeps_up" });
  });

  it("[LV2] says nothing of ticks without a match of ours", () => {
    const world = new LiveWorld();
    expect(world.snapshot({ match: undefined })).toMatchObject({
      ticks: null,
      sendQueue: { slowClients: 0 },
    });
  });
});

describe("the live picture of joins", () => {
  it("[LV3] counts them by outcome, since the start and in the last minute", () => {
    const world = new LiveWorld();
    world.join("joined", 3);
    world.join("full", 5);
    world.clock.advance(40_000);
    world.join("full", 2);
    expect(world.snapshot().joins).toEqual([
      ["full", 7, 7],
      ["joined", 3, 3],
    ]);
    world.clock.advance(20_000);
    expect(world.snapshot().joins).toEqual([
      ["full", 7, 2],
      ["joined", 3, 0],
    ]);
    world.clock.advance(3_600_000);
    world.join("joined");
    expect(world.snapshot().joins).toEqual([
      ["full", 7, 0],
      ["joined", 4, 1],
    ]);
  });

  it("[LV3] has no outcome that is none", () => {
    const world = new LiveWorld();
    tell(world.live, "joinEnded", { outcome: "psess-1" });
    tell(world.live, "joinEnded", { outcome: "__proto__" });
    expect(world.snapshot().joins).toEqual([]);
  });
});

describe("the live picture's notices", () => {
  it("[LV4] are the events whose level is warn or error, and no others", () => {
    for (const event of eventNames) {
      const world = new LiveWorld();
      tell(world.live, event, everyEvent[event]);
      const level = event === "vendorMessage" ? "warn" : logEvents[event].level;
      const events = world.snapshot().notices.map(([told, , name]) => [told, name]);
      const isShown = level === "warn" || level === "error";
      expect(events, event).toEqual(isShown ? [[level, eventNameOf(event)]] : []);
    }
  });

  it("[LV4] come the newest first, those of one kind as one with a count", () => {
    const world = new LiveWorld();
    world.live.stepOverran({ lateMs: 40.56, droppedTicks: 1 });
    world.live.fleetCallFailed({ action: "accept_player_session", cause: new Error("x") });
    world.live.roomFault({ where: "step", cause: new TypeError("x") });
    world.clock.advance(5_000);
    world.live.stepOverran({ lateMs: 90, droppedTicks: 2 });
    world.live.fleetCallFailed({ action: "process_ending", cause: { code: "x" } });
    world.clock.advance(1_500);
    expect(world.snapshot().notices).toEqual([
      ["warn", 1, "fleet_call_failed", "action process_ending", 1],
      ["warn", 1, "step_overran", "lateMs 90, droppedTicks 2", 2],
      ["error", 6, "room_fault", "where step, TypeError", 1],
      ["warn", 6, "fleet_call_failed", "action accept_player_session, Error", 1],
    ]);
  });

  it("[LV4] are at most twenty, of which a flood of one kind takes one", () => {
    const world = new LiveWorld();
    for (let count = 0; count < 30; count++) {
      world.live.backfillGivenUp({ gameSessionId: "gsess-1", tries: count });
    }
    for (let count = 0; count < 1_000; count++) {
      world.live.stepOverran({ lateMs: count, droppedTicks: 1 });
    }
    const { notices } = world.snapshot();
    expect(notices).toHaveLength(20);
    expect(notices[0]).toEqual(["warn", 0, "step_overran", "lateMs 999, droppedTicks 1", 1_000]);
    expect(notices.at(-1)?.[3]).toBe("tries 11");
  });

  it("[LV4] never show texts that somebody wrote, ids or the messages of errors", () => {
    const world = new LiveWorld();
    const canary = "CANARY0123456789abcdefCANARY";
    const cause = Object.assign(new Error(`psess-${canary}`), { code: `${canary}-${canary}` });
    const fields = Object.fromEntries(
      ["playerId", "playerSessionHash", "remoteAddress", "message", "problem", "ticketId"]
        .concat(["gameSessionId", "resultId", "traceParent", "names", "fingerprint"])
        .map((name) => [name, canary]),
    );
    for (const event of eventNames) {
      tell(world.live, event, { ...everyEvent[event], ...fields, problems: [canary], cause });
    }
    expect(world.snapshot().notices.length).toBeGreaterThan(10);
    expect(JSON.stringify(world.snapshot())).not.toContain("CANARY");
  });
});

describe("a live snapshot", () => {
  it("[LV5] says what the server is and how it stands", () => {
    const world = new LiveWorld();
    expect(world.snapshot().server).toBeNull();
    world.live.serverListening(everyEvent.serverListening as never);
    world.clock.advance(61_500);
    expect(world.snapshot()).toMatchObject({
      version: 1,
      atMs: world.clock.wallMs(),
      upSeconds: 61,
      server: { room: "arena", fleet: "local", tls: "off", port: 7000 },
      phase: "active",
      isHealthy: true,
      gameSession: { name: "gsess-1", seatsHeld: 7, seatsMax: 32 },
      connections: { strangers: 2, clients: 7 },
      sendQueue: { bytes: 900, largestBytes: 600, slowClients: 1 },
    });
  });

  it("[LV5] is less than 4 KB of ASCII JSON, whatever happened", () => {
    const world = new LiveWorld();
    const long = '"\u{1f3ae}\\'.repeat(200);
    tell(world.live, "serverListening", { room: long, fleet: long, tls: long, port: 65_535 });
    for (const outcome of JOIN_OUTCOMES) world.join(outcome, 1_000);
    for (const event of eventNames) {
      for (let kind = 0; kind < 30; kind++) {
        const words = { reason: `${"x".repeat(28)}${kind}`, where: `${"y".repeat(28)}${kind}` };
        tell(world.live, event as EventName, { lateMs: 1e300, attempts: 1e300, ...words });
      }
    }
    for (let second = 0; second < 61; second++) {
      for (let tick = 0; tick < 1_000; tick++) {
        world.live.tickRan({ durationMs: 99_999_999, lateMs: 1e300, intervalMs: 1, commands: 0 });
      }
      world.live.stepOverran({ lateMs: 1e300, droppedTicks: 99_999 });
      world.clock.advance(1_000);
    }
    const big = Number.MAX_SAFE_INTEGER;
    const traffic = { receivedBytes: big, receivedFrames: big, sentBytes: big, sentFrames: big };
    const text = JSON.stringify(
      world.snapshot({
        traffic,
        sendQueue: { bytes: big, largestBytes: big },
        connections: { strangers: 1e6, clients: 1e6 },
        match: { ...MATCH, ranTicks: big, droppedTicks: big, commandsQueued: big },
        gameSession: { ...READING.gameSession!, gameSessionId: long, seatsMax: Infinity },
      }),
    );
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(text.length).toBeLessThan(4_000);
    const { notices, gameSession, joins } = JSON.parse(text);
    expect(gameSession.seatsMax).toBeNull();
    expect(joins).toHaveLength(JOIN_OUTCOMES.length);
    expect(notices.length).toBeGreaterThan(3);
  });

  it("[LV6] arms no timer", () => {
    const world = new LiveWorld();
    for (const event of eventNames) tell(world.live, event, everyEvent[event]);
    world.snapshot();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[LV6] costs a microsecond a step or so", () => {
    const live = new LiveTelemetry({ clock: systemClock });
    const info = { durationMs: 2, lateMs: 0.1, intervalMs: 50, commands: 3 };
    const took: number[] = [];
    for (let round = 0; round < 20; round++) {
      const beganMs = performance.now();
      for (let tick = 0; tick < 10_000; tick++) live.tickRan(info);
      took.push((performance.now() - beganMs) / 10);
    }
    // Microseconds; of the best round, because the machine has others to serve.
    expect(Math.min(...took)).toBeLessThan(1);
  });
});
