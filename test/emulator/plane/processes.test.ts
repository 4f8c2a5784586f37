import { describe, expect, it } from "vitest";
import type { ProcessState, ServerProcess } from "../../../emulator/plane/records.ts";
import { granted, PlaneWorld, RecordingLink, refusalOf } from "./plane-world.ts";

const MINUTE_MS = 60_000;

/** A supervised process in each state. */
const IN_STATE: Readonly<Record<ProcessState, (world: PlaneWorld) => ServerProcess>> = {
  STARTED: (world) => {
    const identity = { fleetId: world.managed.fleetId, computeName: "i-1", processId: "p" };
    world.plane.processes.expect(identity);
    const process = world.plane.processes.find(identity);
    if (process === undefined) throw new Error("it is not there");
    return process;
  },
  CONNECTED: (world) => world.connected("p", { isSupervised: true }),
  READY: (world) => world.ready("p", { isSupervised: true }),
  ENDING: (world) => {
    const process = world.ready("p", { isSupervised: true });
    world.plane.processes.ending(process);
    return process;
  },
  ENDED: (world) => {
    const process = world.ready("p", { isSupervised: true });
    world.plane.processes.exited(process, { code: 1, signal: null });
    return process;
  },
};

const STATES = Object.keys(IN_STATE) as ProcessState[];

type Step = (world: PlaneWorld, process: ServerProcess) => unknown;

/** What each step makes of a process in each state: the next state, or the refusal. */
const TRANSITIONS: Readonly<Record<string, { step: Step; to: Record<ProcessState, string> }>> = {
  connect: {
    step: (world, process) =>
      world.plane.processes.connect(
        { ...process, sdkVersion: "5.6.0", sdkLanguage: "Go" },
        new RecordingLink(),
      ),
    to: {
      STARTED: "CONNECTED",
      CONNECTED: "CONNECTED",
      READY: "READY",
      ENDING: "ENDING",
      ENDED: "Conflict",
    },
  },
  ready: {
    step: (world, process) => world.activate(process),
    to: {
      STARTED: "Conflict",
      CONNECTED: "READY",
      READY: "Conflict",
      ENDING: "Conflict",
      ENDED: "Conflict",
    },
  },
  report: {
    step: (world, process) => world.plane.processes.report(process, true),
    to: {
      STARTED: "Conflict",
      CONNECTED: "Conflict",
      READY: "READY",
      ENDING: "Conflict",
      ENDED: "Conflict",
    },
  },
  ending: {
    step: (world, process) => world.plane.processes.ending(process),
    to: {
      STARTED: "ENDING",
      CONNECTED: "ENDING",
      READY: "ENDING",
      ENDING: "ENDING",
      ENDED: "ENDED",
    },
  },
  exit: {
    step: (world, process) => world.plane.processes.exited(process, { code: 0, signal: null }),
    to: {
      STARTED: "ENDED",
      CONNECTED: "ENDED",
      READY: "ENDED",
      ENDING: "ENDED",
      ENDED: "ENDED",
    },
  },
  terminate: {
    step: (world, process) => world.plane.processes.terminate(process, 1_000),
    to: {
      STARTED: "ENDED",
      CONNECTED: "ENDED",
      READY: "READY",
      ENDING: "ENDING",
      ENDED: "ENDED",
    },
  },
};

const ROWS = Object.entries(TRANSITIONS).flatMap(([name, { step, to }]) =>
  STATES.map((state) => ({ name, state, step, to: to[state] })),
);

describe("a server process", () => {
  it.each(ROWS)("[EP1] $state, then $name: $to", ({ state, step, to }) => {
    const world = new PlaneWorld();
    const process = IN_STATE[state](world);
    expect(process.state).toBe(state);
    const outcome = step(world, process) as { refusal?: string } | undefined;
    expect(outcome?.refusal ?? process.state).toBe(to);
    if (outcome?.refusal !== undefined) expect(process.state).toBe(state);
  });

  it("[EP2] that is supervised has five minutes for InitSDK and five for ProcessReady", () => {
    const world = new PlaneWorld();
    const silent = IN_STATE.STARTED(world);
    world.clock.advance(5 * MINUTE_MS - 1);
    expect(silent.state).toBe("STARTED");
    world.clock.advance(1);
    expect(silent).toMatchObject({ state: "ENDED", endReason: "initialization-timeout" });
    const idle = world.connected("q", { isSupervised: true });
    world.clock.advance(5 * MINUTE_MS);
    expect(idle).toMatchObject({ state: "ENDED", endReason: "ready-timeout" });
    expect(world.killed).toEqual([silent, idle]);
    expect(world.events(world.managed)).toEqual([
      "SERVER_PROCESS_SDK_INITIALIZATION_TIMEOUT",
      "SERVER_PROCESS_PROCESS_READY_TIMEOUT",
    ]);
  });

  it("[EP3] is told nothing before its first heartbeat, then everything in order", () => {
    const world = new PlaneWorld();
    const process = world.connected("p");
    world.activate(process);
    world.plane.processes.refresh(process);
    world.plane.processes.terminate(process, MINUTE_MS);
    expect(world.link(process).pushes).toEqual([]);
    world.plane.processes.report(process, true);
    expect(world.link(process).kinds).toEqual(["refresh-connection", "terminate-process"]);
  });

  it("[EP3] is told what came while it was away, over its newest connection", () => {
    const world = new PlaneWorld();
    const process = world.ready("p");
    const first = world.link(process);
    world.plane.processes.disconnected(process, first);
    const session = world.plane.gameSessions.create({ ...process, maximumPlayerSessionCount: 1 });
    expect(refusalOf(session)).toBe("FleetCapacityExceeded");
    world.plane.processes.refresh(process);
    world.connect(process);
    expect(first.pushes).toEqual([]);
    expect(world.link(process).kinds).toEqual(["refresh-connection"]);
    world.plane.processes.disconnected(process, first);
    expect(process.isConnected, "an older connection's end means nothing").toBe(true);
  });

  it.each([
    [
      "bad",
      (world: PlaneWorld, process: ServerProcess) => {
        for (let count = 0; count < 3; count++) world.plane.processes.report(process, false);
      },
    ],
    ["missing", (world: PlaneWorld) => world.clock.advance(3 * 1.25 * MINUTE_MS)],
  ])("[EP4] is terminated as unhealthy after three heartbeats in a row that are %s", (_, harm) => {
    const world = new PlaneWorld();
    const process = world.ready("p", { isSupervised: true });
    harm(world, process);
    expect(world.link(process).kinds).toEqual(["terminate-process"]);
    expect(world.events(world.managed)).toEqual(["SERVER_PROCESS_TERMINATED_UNHEALTHY"]);
    world.clock.advance(5 * MINUTE_MS);
    expect(process).toMatchObject({ state: "ENDED", endReason: "unhealthy" });
    expect(world.killed).toEqual([process]);
  });

  it("[EP4] lives on when a good heartbeat comes between bad ones", () => {
    const world = new PlaneWorld();
    const process = world.ready("p");
    for (const isHealthy of [false, false, true, false, false]) {
      world.plane.processes.report(process, isHealthy);
    }
    world.clock.advance(1.25 * MINUTE_MS - 1);
    world.plane.processes.report(process, true);
    expect(process).toMatchObject({ state: "READY", badReportsInRow: 0 });
    expect(world.link(process).pushes).toEqual([]);
  });

  it("[EP4] that sends no heartbeat at all, or is gone, is ended without a word", () => {
    const world = new PlaneWorld();
    const silent = world.connected("silent");
    world.activate(silent);
    const gone = world.ready("gone");
    world.plane.processes.disconnected(gone, world.link(gone));
    world.clock.advance(3 * 1.25 * MINUTE_MS);
    expect([silent.endReason, gone.endReason]).toEqual(["unhealthy", "unhealthy"]);
    expect(world.link(silent).pushes).toEqual([]);
  });

  it("[EP5] that is told to terminate has until its deadline, and to exit 30 s from ProcessEnding", () => {
    const world = new PlaneWorld();
    const [deaf, slow] = ["deaf", "slow"].map((id) => world.ready(id, { isSupervised: true }));
    if (deaf === undefined || slow === undefined) throw new Error("unreachable");
    for (const process of [deaf, slow]) world.plane.processes.terminate(process, 10_000);
    expect(world.link(deaf).pushes).toEqual([
      { kind: "terminate-process", terminationAtMs: world.clock.wallMs() + 10_000 },
    ]);
    world.clock.advance(9_999);
    world.plane.processes.ending(slow);
    expect(deaf.state).toBe("READY");
    world.clock.advance(1);
    expect(deaf).toMatchObject({ state: "ENDED", endReason: "force-terminated" });
    world.clock.advance(29_998);
    expect(slow.state).toBe("ENDING");
    world.clock.advance(1);
    expect(slow).toMatchObject({ state: "ENDED", endReason: "exit-timeout" });
    expect(world.killed).toEqual([deaf, slow]);
  });

  it("[EP5] never gets more time by being told again", () => {
    const world = new PlaneWorld();
    const process = world.ready("p");
    world.plane.processes.terminate(process, 10_000);
    world.plane.processes.terminate(process, 20_000);
    expect(world.link(process).kinds).toEqual(["terminate-process"]);
    world.plane.processes.terminate(process, 5_000);
    expect(world.link(process).kinds).toHaveLength(2);
    world.clock.advance(5_000);
    expect(process.state).toBe("ENDED");
  });

  it("[EP6] started by hand is over when it leaves after ProcessEnding, or never became ready", () => {
    const world = new PlaneWorld();
    const ended = world.ready("ended");
    world.plane.processes.ending(ended);
    world.plane.processes.disconnected(ended, world.link(ended));
    expect(ended).toMatchObject({ state: "ENDED", endReason: "ended" });
    const early = world.connected("early");
    world.plane.processes.disconnected(early, world.link(early));
    world.clock.advance(5 * MINUTE_MS);
    expect(early.state).toBe("ENDED");
    expect(world.killed).toEqual([]);
  });

  it("[EP6] on a managed instance is known before it connects", () => {
    const world = new PlaneWorld();
    const stranger = { fleetId: world.managed.fleetId, computeName: "i-1", processId: "stranger" };
    const outcome = world.plane.processes.connect(
      { ...stranger, sdkVersion: "5.6.0", sdkLanguage: "Go" },
      new RecordingLink(),
    );
    expect(refusalOf(outcome)).toBe("NotFound");
  });

  it("[EP6] that is ready by an older connection has not vanished with the newer one", () => {
    const world = new PlaneWorld();
    const process = world.connected("p");
    world.connect(process);
    world.plane.processes.disconnected(process, world.link(process));
    granted(world.activate(process));
    for (let minute = 0; minute < 6; minute++) {
      granted(world.plane.processes.report(process, true));
      world.clock.advance(MINUTE_MS);
    }
    expect(process.state).toBe("READY");
  });

  it("[EP7] has two minutes after a spot interruption", () => {
    const world = new PlaneWorld();
    const { process, session } = world.hosting("p", { isSupervised: true });
    world.plane.processes.interrupt(world.managed.fleetId, "i-1");
    expect(session).toMatchObject({ status: "TERMINATING", statusReason: "INTERRUPTED" });
    world.clock.advance(2 * MINUTE_MS);
    expect(process).toMatchObject({ state: "ENDED", endReason: "force-terminated" });
    expect(session).toMatchObject({ status: "TERMINATED", statusReason: "INTERRUPTED" });
    expect(world.events(world.managed)[0]).toBe("INSTANCE_INTERRUPTED");
  });

  it("[EP8] goes with its compute", () => {
    const world = new PlaneWorld();
    const { process, session } = world.hosting("p");
    world.plane.computes.deregister(world.anywhere.fleetId, "laptop");
    expect(process).toMatchObject({ state: "ENDED", endReason: "compute-gone" });
    expect(world.link(process).closes).toEqual([1000]);
    expect(session.status).toBe("TERMINATED");
  });

  it("[EP9] is told each hour to connect anew, then each minute until it does", () => {
    const world = new PlaneWorld();
    const process = world.ready("p");
    for (let minute = 0; minute < 62; minute++) {
      world.clock.advance(MINUTE_MS);
      world.plane.processes.report(process, true);
    }
    const { pushes } = world.link(process);
    expect(pushes).toHaveLength(3);
    expect(pushes[0]).toMatchObject({
      kind: "refresh-connection",
      endpoint: "ws://127.0.0.1:9080",
    });
    world.connect(process);
    world.clock.advance(MINUTE_MS);
    expect(world.link(process).pushes).toEqual([]);
  });

  it("[EP9] is told once, however long it had no heartbeat to hear it by", () => {
    const world = new PlaneWorld();
    const process = world.connected("p");
    world.clock.advance(3 * 60 * MINUTE_MS);
    granted(world.activate(process));
    granted(world.plane.processes.report(process, true));
    world.clock.advance(MINUTE_MS);
    expect(world.link(process).kinds).toEqual(["refresh-connection"]);
  });
});
