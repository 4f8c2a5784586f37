import { describe, expect, it } from "vitest";
import { Faults } from "../../../emulator/faults/faults.ts";
import { readScenario } from "../../../emulator/faults/scenario-file.ts";
import { seededRandom } from "../../../emulator/faults/seeded-random.ts";
import { REQUEST_ACTIONS } from "../../../emulator/faults/wire-faults.ts";
import { isAction } from "../../../emulator/server-sdk/rules/shapes.ts";
import type { WireFaults } from "../../../emulator/server-sdk/wire-hooks.ts";
import { type SdkEvent, ServerSdk } from "../../../server/fleet/gamelift-server-sdk/index.ts";
import { emulatorDial } from "../../support/emulator-dial.ts";
import { settle } from "../../support/fake-clock.ts";
import { ServiceWorld } from "../server-sdk/service-world.ts";

const CERTIFICATE = "GetComputeCertificate";

/** The Server SDK service with faults before it and behind it, put together as the emulator does. */
function wired() {
  const hooks: WireFaults = {
    beforeUpgrade: (process) => faults.wire.beforeUpgrade(process),
    beforeAnswer: (action, process) => faults.wire.beforeAnswer(action, process),
    beforePush: (action, process) => faults.wire.beforePush(action, process),
  };
  const world = new ServiceWorld({ faults: hooks });
  const { plane, service } = world;
  const faults = new Faults({ plane, random: seededRandom(1), connections: () => service });
  const order = (what: object) => expect(faults.order(what)).toHaveProperty("value");
  return { world, faults, order };
}

describe("faults on the wire", () => {
  it("[EX6] end a connection by a reset or a code, or leave it dead", () => {
    const { world, order } = wired();
    const process = world.reporting();
    order({ fault: "cut", process: 1 });
    expect(process.line.end?.code).toBe(1006);
    const second = world.connect(process.query);
    order({ fault: "cut", process: 1, how: "close", code: 4000 });
    expect(second.line.end?.code).toBe(4000);
    const third = world.connect(process.query);
    order({ fault: "half-open", process: 1 });
    expect([third.line.end, third.code(CERTIFICATE)]).toEqual([undefined, undefined]);
    expect(world.record().isConnected).toBe(true);
    expect(world.connect(process.query).code(CERTIFICATE)).toBe(200);
  });

  it("[EX7] delay, refuse, lose and double answers", () => {
    const { world, order } = wired();
    const process = world.reporting();
    order({ fault: "slow", process: 1, by: "2s", times: 1 });
    expect(process.code(CERTIFICATE)).toBeUndefined();
    world.clock.advance(2_000);
    expect(process.frames.at(-1)).toMatchObject({ Action: CERTIFICATE, StatusCode: 200 });
    order({ fault: "answer", process: 1, status: 429, message: "slow down" });
    expect(process.ask(CERTIFICATE)).toMatchObject({ StatusCode: 429, ErrorMessage: "slow down" });
    order({ fault: "duplicate", process: 1, action: CERTIFICATE });
    const before = process.frames.length;
    process.ask(CERTIFICATE);
    expect(process.frames.length - before).toBe(2);
    order({ fault: "silence", process: 1, lost: "answer", times: 1 });
    expect(process.code("TerminateServerProcess")).toBeUndefined();
    expect(world.record().state).toBe("ENDING");
  });

  it("[EX7] double a push", () => {
    const { world, order } = wired();
    const process = world.reporting();
    order({ fault: "duplicate", process: 1, action: "TerminateProcess" });
    order({ fault: "terminate", process: 1, in: "120s" });
    const [first, second] = process.pushes;
    expect(first).toEqual({
      Action: "TerminateProcess",
      TerminationTime: world.clock.wallMs() + 120_000,
    });
    expect(second).toEqual(first);
  });

  it("[EX8] refuse a connection, of a process that never was there as well", () => {
    const { world, order } = wired();
    order({ fault: "refuse", process: "all", status: 502, times: 2 });
    expect([world.status(), world.status(), world.status()]).toEqual([502, 502, 101]);
  });

  it("[EX7] name no action that the protocol does not have", () => {
    expect(REQUEST_ACTIONS.filter((action) => !isAction(action))).toEqual([]);
  });
});

describe("our own Server SDK", () => {
  it("[EX1] bears a scenario: cut, refused at first, told twice what to do, and slow answers", async () => {
    const { world, faults } = wired();
    const { clock, plane, anywhere, service } = world;
    const read = readScenario(
      JSON.stringify({
        steps: [
          { at: "5s", fault: "cut", process: 1 },
          { at: "5s", fault: "refuse", process: 1, times: 2 },
          { at: "20s", fault: "duplicate", process: 1, action: "CreateGameSession" },
          { at: "30s", fault: "slow", process: 1, by: "3s", action: "AcceptPlayerSession" },
          { at: "40s", fault: "terminate", process: 1, in: "120s" },
        ],
      }),
      "night",
    );
    if ("mistakes" in read) throw new Error(read.mistakes.join("\n"));
    faults.start(read.scenario);
    const environment = {
      GAMELIFT_SDK_WEBSOCKET_URL: plane.endpoint(),
      GAMELIFT_SDK_AUTH_TOKEN: world.tokenOf(),
      GAMELIFT_SDK_PROCESS_ID: "process-1",
      GAMELIFT_SDK_HOST_ID: "laptop",
      GAMELIFT_SDK_FLEET_ID: anywhere.fleetId,
    };
    const events: SdkEvent[] = [];
    const told: string[] = [];
    const sdk = await ServerSdk.initSdk(
      {},
      {
        environment,
        clock,
        dial: emulatorDial(service),
        random: () => 0.5,
        onEvent: (event) => events.push(event),
      },
    );
    await sdk.processReady({
      port: 7777,
      logPaths: ["logs"],
      onStartGameSession: ({ gameSessionId }) => void told.push(gameSessionId),
      onProcessTerminate: () => void told.push("terminate"),
    });
    await clock.advanceAsync(19_000);
    const refused = world.sightings.filter(({ kind }) => kind === "refused");
    expect(refused).toMatchObject([{ status: 503 }, { status: 503 }]);
    expect(world.record().isConnected).toBe(true);

    await clock.advanceAsync(2_000);
    const created = plane.gameSessions.create({
      fleetId: anywhere.fleetId,
      location: world.record().location,
      maximumPlayerSessionCount: 2,
    });
    const { gameSessionId = "" } = "value" in created ? created.value : {};
    await settle();
    expect(told).toEqual([gameSessionId]);
    await sdk.activateGameSession();

    await clock.advanceAsync(10_000);
    const [player = ""] = world.reserve(gameSessionId, "ann");
    let isAccepted = false;
    const accepting = sdk.acceptPlayerSession(player).then(() => {
      isAccepted = true;
    });
    await clock.advanceAsync(2_999);
    expect([isAccepted, plane.playerSessions.find(player)?.status]).toEqual([false, "ACTIVE"]);
    await clock.advanceAsync(1);
    await accepting;

    await clock.advanceAsync(10_000);
    expect(told).toEqual([gameSessionId, "terminate"]);
    await sdk.processEnding();
    sdk.destroy();
    await settle();
    expect(world.record().endReason).toBe("ended");
    const faultsTold = plane.happenings.since(0).filter(({ kind }) => kind === "fault");
    expect(faultsTold.map(({ detail }) => detail?.split(" ")[0])).toEqual([
      "cut:",
      "refuse:",
      "duplicate:",
      "slow:",
      "terminate:",
    ]);
    // Each has struck: nothing of what strikes a number of times is left.
    expect(faults.standing.list().map(({ kind }) => kind)).toEqual(["slow"]);
    faults.close();
  });
});
