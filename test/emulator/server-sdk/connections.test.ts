import { describe, expect, it } from "vitest";
import { PLANE_LIMITS } from "../../../emulator/plane/limits.ts";
import { SERVICE_LIMITS } from "../../../emulator/server-sdk/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { granted } from "../plane/plane-world.ts";
import { ServiceWorld, type WireProcess } from "./service-world.ts";

const MINUTE_MS = 60_000;
const kindsOf = ({ sightings }: ServiceWorld) =>
  sightings.flatMap((sighting) => (sighting.kind === "connected" ? [sighting.as] : []));
const actionsOf = ({ pushes }: WireProcess) => pushes.map((push) => push["Action"]);

describe("a process", () => {
  it("[ES4] keeps its state across an abnormal end, and the same IdempotencyToken is a reconnect", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    process.line.leave(1006);
    expect(world.record()).toMatchObject({ isConnected: false, state: "READY" });
    world.plane.processes.terminate(world.record(), MINUTE_MS);
    const back = world.connect(process.query);
    expect(world.record()).toMatchObject({ isConnected: true, state: "READY" });
    expect(actionsOf(back)).toEqual(["TerminateProcess"]);
    const policy = { GameSessionId: arn, PlayerSessionPolicy: "DENY_ALL" };
    expect(back.code("UpdatePlayerSessionCreationPolicy", policy)).toBe(200);
    expect(kindsOf(world)).toEqual(["first", "reconnect"]);
    expect(world.service.processCount).toBe(1);
  });

  it("[ES4] comes back by the token it was let in with, however old that is, and by no other old one", () => {
    const world = new ServiceWorld();
    const other = world.connect({ pID: "process-2" });
    const process = world.reporting();
    for (let beat = 0; beat < 40; beat++) {
      world.clock.advance(MINUTE_MS);
      process.ask("HeartbeatServerProcess", { HealthStatus: true });
    }
    process.line.leave(1006);
    expect(world.status({ ...process.query, IdempotencyToken: "fresh" })).toBe(403);
    expect(world.status({ ...process.query, Authorization: "wrong" })).toBe(403);
    expect(world.status({ ...process.query, pID: other.query["pID"] ?? "" })).toBe(403);
    expect(world.status(process.query)).toBe(101);
    granted(world.plane.computes.deregister(world.anywhere.fleetId, "laptop"));
    expect(world.status(process.query)).toBe(403);
  });

  it("[ES4] of an SDK without IdempotencyToken comes back by its token alone", () => {
    const world = new ServiceWorld({ rates: true });
    const old = { sdkVersion: "5.2.0", IdempotencyToken: "" };
    const process = world.connect(old);
    for (let time = 0; time < 5; time++) expect(world.status(process.query)).toBe(101);
    expect(kindsOf(world)).toEqual(["first", ...Array(5).fill("reconnect")]);
  });

  it("[ES4] has its answers over the connection that asked, and pushes over the newest", () => {
    const world = new ServiceWorld();
    const old = world.reporting();
    const fresh = world.connect();
    world.plane.processes.terminate(world.record(), MINUTE_MS);
    expect(old.code("HeartbeatServerProcess", { HealthStatus: true })).toBe(200);
    expect(actionsOf(old)).toEqual([]);
    expect(actionsOf(fresh)).toEqual(["TerminateProcess"]);
    // The end of the old one is not the end of the process's connection.
    old.line.leave(1001);
    expect(world.record().isConnected).toBe(true);
    fresh.line.leave(1001);
    expect(world.record().isConnected).toBe(false);
  });

  it("[ES4] is told apart by its compute and its pID", () => {
    const world = new ServiceWorld();
    world.house.registerCompute("desktop");
    world.reporting({}, 7001);
    world.reporting({ pID: "process-2" }, 7002);
    world.reporting({ ComputeId: "desktop", Authorization: world.tokenOf("desktop") }, 7003);
    expect([
      world.record().port,
      world.record("process-2").port,
      world.record("process-1", "desktop").port,
    ]).toEqual([7001, 7002, 7003]);
    expect(kindsOf(world)).toEqual(["first", "first", "first"]);
  });
});

describe("a refresh", () => {
  it("[ES14] is asked for with endpoint and a token that opens the next connection, each minute until one comes", () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    const beatUntil = (of: WireProcess, minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        world.clock.advance(MINUTE_MS);
        of.ask("HeartbeatServerProcess", { HealthStatus: true });
      }
    };
    beatUntil(process, 59);
    expect(process.pushes).toEqual([]);
    beatUntil(process, 1);
    expect(process.pushes).toEqual([
      {
        Action: "RefreshConnection",
        RefreshConnectionEndpoint: "ws://127.0.0.1:9080",
        AuthToken: expect.any(String),
      },
    ]);
    beatUntil(process, 2);
    expect(process.pushes).toHaveLength(3);
    const { AuthToken } = process.pushes[2] as { AuthToken: string };
    expect(AuthToken).not.toBe(process.query["Authorization"]);
    const fresh = world.connect({ Authorization: AuthToken });
    beatUntil(fresh, 59);
    expect([process.pushes.length, fresh.pushes.length]).toEqual([3, 0]);
    // The old connection is the client's to close.
    expect(process.line.end).toBeUndefined();
    beatUntil(fresh, 1);
    expect(fresh.pushes).toHaveLength(1);
  });

  it("[ES14] that is due stays due for a process that reconnects in place of it", () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    for (let minute = 0; minute < 60; minute++) {
      world.clock.advance(MINUTE_MS);
      process.ask("HeartbeatServerProcess", { HealthStatus: true });
    }
    process.line.leave(1006);
    const back = world.connect(process.query);
    world.clock.advance(MINUTE_MS);
    expect(actionsOf(back)).toEqual(["RefreshConnection"]);
    back.line.leave(1006);
    const fresh = world.connect();
    world.clock.advance(MINUTE_MS);
    expect(actionsOf(fresh)).toEqual([]);
  });
});

describe("the bounds of connections", () => {
  const { connectionsPerProcessMax, upgradesKnownMax } = SERVICE_LIMITS;

  it("[ES13] are four of one process: the oldest makes room for the next", async () => {
    const world = new ServiceWorld();
    const all = Array.from({ length: connectionsPerProcessMax + 1 }, () => world.connect());
    await settle();
    expect(all.map(({ line }) => line.end?.code)).toEqual([
      1001,
      ...Array(connectionsPerProcessMax).fill(undefined),
    ]);
    expect(world.service.connectionCount).toBe(connectionsPerProcessMax);
    expect(world.record().isConnected).toBe(true);
  });

  it("[ES13] are sixteen upgrades that are known again", () => {
    const world = new ServiceWorld();
    const first = world.connect();
    for (let time = 0; time < upgradesKnownMax; time++) world.connect();
    world.clock.advance(world.plane.durations.tokenMs);
    expect(world.status(first.query)).toBe(403);
  });

  it("[ES13] are 4,096 in all, and the next is refused with 503", () => {
    const world = new ServiceWorld();
    const processes = Array.from({ length: SERVICE_LIMITS.connectionsMax }, (_, index) =>
      world.connect({ pID: `process-${index}` }),
    );
    expect(world.status({ pID: "one-more" })).toBe(503);
    processes[0]?.line.leave();
    expect(world.status({ pID: "one-more" })).toBe(101);
  });

  it("[ES13] are those of the control plane: a fleet with too many processes takes none", () => {
    const world = new ServiceWorld();
    const max = PLANE_LIMITS.processesPerFleetMax;
    for (let index = 0; index < max; index++) world.house.connected(`process-${index}`);
    expect(world.status({ pID: "one-more" })).toBe(503);
    expect(world.service.connectionCount).toBe(0);
    expect(world.printed.at(-1)).toMatch(/refused with 503: Fleet .* has too many processes/);
  });

  it("[ES13] are a megabyte of one frame: a longer one ends the connection with 1009", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    process.line.say("x".repeat(SERVICE_LIMITS.frameBytesMax));
    expect(process.line.end).toBeUndefined();
    process.line.say("x".repeat(SERVICE_LIMITS.frameBytesMax + 1));
    expect(process.line.end).toMatchObject({ code: 1009 });
    expect(world.printed.at(-1)).toBe("process-1: a frame was dropped: too large");
  });

  it("[ES13] are 8 MB that a process leaves unread: it is cut off and may come back", async () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    process.line.unreadBytes = SERVICE_LIMITS.unreadBytesMax;
    expect(process.code("GetComputeCertificate")).toBe(200);
    process.line.unreadBytes++;
    expect(process.ask("GetComputeCertificate")).toEqual({});
    await settle();
    expect(process.line.end).toMatchObject({ code: 1006 });
    expect(world.printed).toEqual(["process-1: cut off, it does not read"]);
    expect(world.record()).toMatchObject({ state: "READY", isConnected: false });
    expect(world.status(process.query)).toBe(101);
  });

  it("[ES13] are fifty printed lines at once and five a second, and the others are counted", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    for (let time = 0; time < 1_000; time++) process.line.say("{");
    expect(world.printed).toHaveLength(50);
    world.clock.advance(200);
    process.line.say("{");
    expect(world.printed.at(-1)).toBe(
      "process-1: a frame was dropped: no JSON object (950 more lines were not printed)",
    );
  });
});

describe("the end", () => {
  it("[ES4] of a process closes all its connections for good", () => {
    const world = new ServiceWorld();
    const [old, fresh] = [world.reporting(), world.connect()];
    world.plane.processes.kill(world.record());
    expect([old.line.end?.code, fresh.line.end?.code]).toEqual([1000, 1000]);
    expect(world.service.processCount).toBe(0);
    expect(world.status(fresh.query)).toBe(403);
  });

  it("[ES4] of the service closes all connections for good, and cuts those that stay", async () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    world.service.close();
    expect(process.line.end).toMatchObject({ code: 1001 });
    world.clock.advance(SERVICE_LIMITS.closeMs);
    await settle();
    expect(world.service.connectionCount).toBe(0);
  });

  it("[ES4] of many processes leaves nothing of them", async () => {
    const world = new ServiceWorld();
    for (let life = 0; life < 500; life++) {
      const process = world.reporting({ pID: `life-${life}` });
      process.ask("TerminateServerProcess");
      process.line.leave(1001);
    }
    await settle();
    expect([world.service.connectionCount, world.service.processCount]).toEqual([0, 0]);
  });
});
