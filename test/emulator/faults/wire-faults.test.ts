import { describe, expect, it } from "vitest";
import { FAULT_LIMITS } from "../../../emulator/faults/limits.ts";
import { FaultWorld } from "./fault-world.ts";

const UNHARMED = { lost: undefined, refusal: undefined, delayMs: 0, copies: 1 };
const ACCEPT = "AcceptPlayerSession";
const HEARTBEAT = "HeartbeatServerProcess";

function pair() {
  const world = new FaultWorld();
  return { world, one: world.ready("one"), two: world.ready("two") };
}

describe("cut and half-open", () => {
  it.each([
    [{ fault: "cut" }, { kind: "reset" }, "cut: reset"],
    [
      { fault: "cut", how: "close" },
      { kind: "close", code: 1011, reason: "a fault cut this connection" },
      "cut: close 1011",
    ],
    [
      { fault: "cut", how: "close", code: 4000 },
      { kind: "close", code: 4000, reason: "a fault cut this connection" },
      "cut: close 4000",
    ],
    [{ fault: "half-open" }, { kind: "half-open" }, "cut: half-open"],
  ])("[EX6] %o strikes the connection of that process", (order, how, detail) => {
    const { world, one } = pair();
    expect(world.done({ ...order, process: 1 })).toEqual([
      { fleetId: one.fleetId, computeName: "laptop", processId: "one", detail },
    ]);
    expect(world.cuts).toEqual([{ processId: "one", how }]);
  });

  it("[EX6] are refused where there is no connection, and codes that no frame carries as well", () => {
    const { world, one } = pair();
    world.hasConnections = false;
    expect(world.refusal({ fault: "cut", process: 1 })).toBe("process one has no open connection");
    world.plane.processes.disconnected(one, world.link(one));
    expect(world.refusal({ fault: "half-open", process: 1 })).toBe(
      "server process 1 is not connected",
    );
    for (const code of [999, 1005, 1006, 5000]) {
      expect(world.refusal({ fault: "cut", process: 2, code })).toMatch(/^code is .* close code/);
    }
  });
});

describe("faults that stand", () => {
  it("[EX7] strike nothing but the process and the action that they name", () => {
    const { world, one, two } = pair();
    world.done({ fault: "slow", process: 1, action: ACCEPT, by: "300ms" });
    expect(world.answer(ACCEPT, one)).toEqual({ ...UNHARMED, delayMs: 300 });
    expect(world.answer(ACCEPT, two)).toEqual(UNHARMED);
    expect(world.answer(HEARTBEAT, one)).toEqual(UNHARMED);
    expect(world.answer("NoSuchAction", one)).toEqual(UNHARMED);
  });

  it("[EX7] strike as often as they say, and as long", () => {
    const { world, one } = pair();
    world.done({ fault: "slow", process: 1, by: "1s", times: 2, for: "10s" });
    expect([1, 2, 3].map(() => world.answer(ACCEPT, one).delayMs)).toEqual([1_000, 1_000, 0]);
    world.done({ fault: "slow", process: 1, by: "1s", for: "10s" });
    world.clock.advance(9_999);
    expect(world.answer(ACCEPT, one).delayMs).toBe(1_000);
    world.clock.advance(1);
    expect(world.answer(ACCEPT, one).delayMs).toBe(0);
  });

  it("[EX7] of one kind give way to younger ones", () => {
    const { world, one } = pair();
    world.done({ fault: "slow", process: 1, by: "1s" });
    world.done({ fault: "slow", process: 1, by: "2s", times: 1 });
    expect([1, 2].map(() => world.answer(ACCEPT, one).delayMs)).toEqual([2_000, 1_000]);
  });

  it("[EX7] answer refuses without effect, once unless told otherwise", () => {
    const { world, one } = pair();
    world.done({ fault: "answer", process: 1, action: ACCEPT, status: 429 });
    world.done({ fault: "answer", process: 1, status: 500, message: "no", for: "1s" });
    const refusals = [ACCEPT, ACCEPT, HEARTBEAT].map((action) => world.answer(action, one).refusal);
    // The younger one stands for a second and strikes first.
    expect(refusals).toEqual(Array(3).fill({ statusCode: 500, errorMessage: "no" }));
    world.clock.advance(1_000);
    expect([1, 2].map(() => world.answer(ACCEPT, one).refusal?.statusCode)).toEqual([
      429,
      undefined,
    ]);
  });

  it("[EX7] silence loses requests, or their answers, and uses up no other fault", () => {
    const { world, one } = pair();
    world.done({ fault: "answer", process: 1, status: 500 });
    world.done({ fault: "silence", process: 1, times: 1 });
    expect(world.answer(ACCEPT, one)).toEqual({ ...UNHARMED, lost: "request", copies: 0 });
    expect(world.answer(ACCEPT, one).refusal?.statusCode).toBe(500);
    world.done({ fault: "silence", process: 1, lost: "answer", action: ACCEPT });
    expect(world.answer(ACCEPT, one).lost).toBe("answer");
    expect(world.faults.wire.beforePush("CreateGameSession", one).isLost).toBe(false);
  });

  it("[EX7] duplicate doubles an answer or a push", () => {
    const { world, one } = pair();
    world.done({ fault: "duplicate", process: 1, action: "CreateGameSession" });
    world.done({ fault: "duplicate", process: 1, action: ACCEPT, times: 2 });
    const push = () => world.faults.wire.beforePush("CreateGameSession", one);
    expect([push(), push()]).toEqual([
      { isLost: false, delayMs: 0, copies: 2 },
      { isLost: false, delayMs: 0, copies: 1 },
    ]);
    expect([1, 2, 3].map(() => world.answer(ACCEPT, one).copies)).toEqual([2, 2, 1]);
  });

  it("[EX7] without an action strike requests and pushes alike", () => {
    const { world, one } = pair();
    world.done({ fault: "slow", process: 1, by: "1s" });
    expect(world.faults.wire.beforePush("TerminateProcess", one).delayMs).toBe(1_000);
    world.done({ fault: "silence", process: 1 });
    expect(world.faults.wire.beforePush("TerminateProcess", one)).toEqual({
      isLost: true,
      delayMs: 0,
      copies: 0,
    });
  });

  it("[EX7] for all strike processes to come, within the fleet and compute that they name", () => {
    const { world, one } = pair();
    world.done({ fault: "slow", process: "all", fleet: 1, compute: "laptop", by: "1s" });
    const later = world.ready("later");
    const managed = world.ready("managed", { isSupervised: true });
    const delays = [one, later, managed].map((each) => world.answer(ACCEPT, each).delayMs);
    expect(delays).toEqual([1_000, 1_000, 0]);
  });

  it("[EX8] refuse keeps a process from connecting: by a status, or by a reset", () => {
    const { world, one, two } = pair();
    world.done({ fault: "refuse", process: 1, times: 1 });
    const { wire } = world.faults;
    expect(wire.beforeUpgrade(two)).toBeUndefined();
    expect([wire.beforeUpgrade(one), wire.beforeUpgrade(one)]).toEqual([
      { status: 503 },
      undefined,
    ]);
    world.done({ fault: "refuse", process: "all", how: "reset", for: "5s" });
    const unknown = { fleetId: "fleet-x", computeName: "y", processId: "z" };
    expect(wire.beforeUpgrade(unknown)).toEqual({ reset: true });
    world.clock.advance(5_000);
    expect(wire.beforeUpgrade(unknown)).toBeUndefined();
  });

  it("[EX15] are ended by clear, and no more than 256 stand at one time", () => {
    const { world, one } = pair();
    for (let count = 0; count < FAULT_LIMITS.standingMax; count++) {
      world.done({ fault: "slow", process: 1, by: "1s", for: "1h" });
    }
    const more = { fault: "answer", process: 1, status: 500 };
    expect(world.refusal(more)).toBe("256 faults stand already; end them with the fault clear");
    expect(world.done({ fault: "clear" })).toEqual([{ detail: "clear: 256 ended" }]);
    expect(world.answer(ACCEPT, one)).toEqual(UNHARMED);
    world.done(more);
    // What has struck for the last time stands no more.
    world.answer(ACCEPT, one);
    expect(world.done({ fault: "clear" })).toEqual([{ detail: "clear: 0 ended" }]);
  });

  it("[EX5] are told with what they do and to whom", () => {
    const { world } = pair();
    world.done({ fault: "answer", process: 1, status: 429, action: ACCEPT, times: 2 });
    world.done({ fault: "slow", process: "all", by: "1s", for: "5s" });
    expect(world.told).toEqual([
      `answer: ${ACCEPT} statusCode=429 errorMessage=a fault made this answer times=2`,
      "slow: everything delayMs=1000 for=5000ms",
    ]);
  });
});
