import { describe, expect, it } from "vitest";
import { SERVICE_LIMITS } from "../../../emulator/server-sdk/limits.ts";
import type {
  AnswerFault,
  PushFault,
  UpgradeFault,
  WireFaults,
} from "../../../emulator/server-sdk/wire-hooks.ts";
import { settle } from "../../support/fake-clock.ts";
import { ACTIVATION, ServiceWorld } from "./service-world.ts";

const CERTIFICATE = "GetComputeCertificate";

/** Faults as a test sets them; what was asked is kept. */
class ScriptedFaults implements WireFaults {
  readonly asked: string[] = [];
  upgrade: UpgradeFault | undefined;
  answer: Partial<AnswerFault> = {};
  push: Partial<PushFault> = {};

  beforeUpgrade({ processId }: { processId: string }): UpgradeFault | undefined {
    this.asked.push(`upgrade of ${processId}`);
    return this.upgrade;
  }

  beforeAnswer(action: string, { processId }: { processId: string }): AnswerFault {
    this.asked.push(`${action} of ${processId}`);
    return { lost: undefined, refusal: undefined, delayMs: 0, copies: 1, ...this.answer };
  }

  beforePush(action: string): PushFault {
    this.asked.push(action);
    return { isLost: false, delayMs: 0, copies: 1, ...this.push };
  }
}

function faulty() {
  const faults = new ScriptedFaults();
  const world = new ServiceWorld({ faults });
  return { faults, world, process: world.reporting() };
}

describe("a fault", () => {
  it("[ES15] is asked for once at each upgrade, request and push", () => {
    const { faults, world, process } = faulty();
    process.ask("EndTheWorld");
    world.plane.processes.terminate(world.record(), 1_000);
    expect(faults.asked).toEqual([
      "upgrade of process-1",
      "ActivateServerProcess of process-1",
      "HeartbeatServerProcess of process-1",
      "TerminateProcess",
    ]);
  });

  it("[ES15] refuses an upgrade", () => {
    const { faults, world } = faulty();
    faults.upgrade = { status: 502 };
    expect(world.status()).toBe(502);
    expect(world.sightings.at(-1)).toMatchObject({ kind: "refused", status: 502 });
    faults.upgrade = { reset: true };
    expect(world.status()).toBe(503);
    faults.upgrade = undefined;
    expect(world.status()).toBe(101);
  });

  it("[ES15] loses a request, which has no effect and may come again", () => {
    const faults = new ScriptedFaults();
    const world = new ServiceWorld({ faults });
    const process = world.connect();
    faults.answer = { lost: "request" };
    expect(process.ask("ActivateServerProcess", ACTIVATION, "again")).toEqual({});
    expect(world.record().state).toBe("CONNECTED");
    expect(world.sightings.at(-1)).toMatchObject({ kind: "request", statusCode: undefined });
    faults.answer = {};
    expect(process.code("ActivateServerProcess", ACTIVATION, "again")).toBe(200);
  });

  it("[ES15] loses an answer, whose request had its effect, and gives it when it comes again", () => {
    const faults = new ScriptedFaults();
    const world = new ServiceWorld({ faults });
    const process = world.connect();
    faults.answer = { lost: "answer" };
    expect(process.ask("ActivateServerProcess", ACTIVATION, "again")).toEqual({});
    expect(world.record().state).toBe("READY");
    faults.answer = {};
    expect(process.code("ActivateServerProcess", ACTIVATION, "again")).toBe(200);
    expect(world.sightings.at(-1)).toMatchObject({ isRepeat: true, statusCode: 200 });
  });

  it("[ES15] answers a request so, without effect", () => {
    const { faults, world, process } = faulty();
    faults.answer = { refusal: { statusCode: 429, errorMessage: "a fault" } };
    expect(process.ask("TerminateServerProcess")).toMatchObject({
      StatusCode: 429,
      ErrorMessage: "a fault",
    });
    expect(world.record().state).toBe("READY");
  });

  it("[ES15] holds an answer or a push back, which then goes over the connection that it was for", () => {
    const { faults, world, process } = faulty();
    faults.answer = { delayMs: 500 };
    faults.push = { delayMs: 1_000 };
    process.frames.length = 0;
    process.ask(CERTIFICATE);
    world.plane.processes.terminate(world.record(), 60_000);
    const fresh = world.connect();
    world.clock.advance(499);
    expect(process.frames).toEqual([]);
    world.clock.advance(1);
    expect(process.frames).toMatchObject([{ Action: CERTIFICATE }]);
    world.clock.advance(500);
    expect(process.frames).toMatchObject([{}, { Action: "TerminateProcess" }]);
    process.ask(CERTIFICATE);
    process.line.leave();
    world.clock.advance(500);
    expect([process.frames.length, fresh.frames.length]).toEqual([2, 0]);
  });

  it("[ES15] doubles an answer or a push, or loses a push", () => {
    const { faults, world, process } = faulty();
    faults.answer = { copies: 2 };
    faults.push = { copies: 2 };
    process.frames.length = 0;
    process.ask(CERTIFICATE);
    expect(process.frames).toHaveLength(2);
    expect(process.frames[0]).toEqual(process.frames[1]);
    world.plane.processes.terminate(world.record(), 60_000);
    expect(process.pushes).toHaveLength(2);
    faults.push = { isLost: true };
    world.plane.processes.refresh(world.record());
    expect(process.pushes).toHaveLength(2);
  });

  it("[ES13] holds back 2,000 messages at the most: the next goes out at once", () => {
    const { faults, world, process } = faulty();
    faults.answer = { delayMs: 500 };
    process.frames.length = 0;
    const max = SERVICE_LIMITS.lateMessagesMax;
    for (let index = 0; index < max; index++) process.ask(CERTIFICATE);
    expect(process.frames).toHaveLength(0);
    process.ask(CERTIFICATE);
    expect(process.frames).toHaveLength(1);
    world.clock.advance(500);
    expect(process.frames).toHaveLength(max + 1);
    process.ask(CERTIFICATE);
    expect(process.frames).toHaveLength(max + 1);
    world.service.close();
    world.clock.advance(500);
    expect(process.frames).toHaveLength(max + 1);
  });
});

describe("a cut", () => {
  const of = (world: ServiceWorld, processId = "process-1") => ({
    fleetId: world.anywhere.fleetId,
    computeName: "laptop",
    processId,
  });

  it("[ES15] resets every connection of a process, or closes it with a code", async () => {
    const world = new ServiceWorld();
    const [old, fresh] = [world.connect(), world.connect()];
    const other = world.connect({ pID: "process-2" });
    expect(world.service.cut(of(world), { kind: "reset" })).toBe(true);
    await settle();
    expect([old.line.end?.code, fresh.line.end?.code]).toEqual([1006, 1006]);
    expect(world.service.cut(of(world), { kind: "reset" })).toBe(false);
    expect(world.service.cut(of(world, "process-3"), { kind: "reset" })).toBe(false);
    const close = { kind: "close", code: 1011, reason: "a fault" } as const;
    expect(world.service.cut(of(world, "process-2"), close)).toBe(true);
    expect(other.line.end).toEqual({ code: 1011, reason: "a fault" });
  });

  it("[ES15] lets a connection go dead: it stays open and carries nothing", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    expect(world.service.cut(of(world), { kind: "half-open" })).toBe(true);
    expect(process.ask("ActivateServerProcess", ACTIVATION)).toEqual({});
    expect(world.record()).toMatchObject({ state: "CONNECTED", isConnected: true });
    const back = world.connect(process.query);
    expect(back.code("ActivateServerProcess", ACTIVATION)).toBe(200);
  });
});

describe("what is seen", () => {
  it("[ES15] is every connection, request, push and end, with what is not as documented", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    world.status({ Authorization: "wrong" });
    process.ask("ActivateServerProcess", { ...ACTIVATION, Extra: 1 }, "1");
    process.ask("HeartbeatServerProcess", { HealthStatus: 1 });
    process.ask("HeartbeatServerProcess", { HealthStatus: true });
    process.line.say("{");
    world.plane.processes.terminate(world.record(), 1_000);
    process.line.leave(1001);
    const seen = world.sightings.map(({ kind }) => kind);
    expect(seen).toEqual([
      "connected",
      "refused",
      "request",
      "request",
      "request",
      "bad-frame",
      "push",
      "disconnected",
    ]);
    const [connected, refused, request, malformed, , badFrame, push, end] = world.sightings;
    expect(connected).toMatchObject({
      connection: 1,
      as: "first",
      query: process.query,
      process: { processId: "process-1" },
    });
    expect(refused).toMatchObject({ status: 403, message: expect.stringMatching("auth token") });
    expect(request).toMatchObject({
      connection: 1,
      action: "ActivateServerProcess",
      requestId: "1",
      message: { Extra: 1 },
      statusCode: 200,
      problems: ["RequestId: neither UUID nor 32 alphanumerics", "Extra: not documented"],
      isRepeat: false,
    });
    expect(malformed).toMatchObject({
      statusCode: 400,
      problems: ["HealthStatus: not a boolean"],
    });
    expect(badFrame).toMatchObject({ connection: 1, why: "no JSON object" });
    expect(push).toMatchObject({ connection: 1, action: "TerminateProcess" });
    expect(end).toMatchObject({ connection: 1, code: 1001 });
  });
});
