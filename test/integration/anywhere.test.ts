import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AwsJsonEndpoint,
  type OperationHandler,
} from "../support/gamelift-service/aws-endpoint.ts";
import { gameLiftApi } from "../support/gamelift-service/gamelift-api.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import { joinAs } from "../support/players.ts";
import { SupervisorProcess } from "../support/supervisor-process.ts";

const READY_MS = 15_000;

let service: GameLiftService;
let endpoint: AwsJsonEndpoint;
let supervisor: SupervisorProcess | undefined;

beforeEach(async () => {
  service = await GameLiftService.open();
  const none: OperationHandler = () => ({ ComputeList: [] });
  endpoint = await AwsJsonEndpoint.open({ ...gameLiftApi(service), ListCompute: none });
});

afterEach(async () => {
  await supervisor?.kill();
  await endpoint[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const ready = () => [...service.processes.values()].filter((each) => each.ready && !each.ended);

describe("an Anywhere compute, with our own servers against a service that follows the protocol", () => {
  it("[AN26] hosts a match, has the server after it ready, and leaves nothing behind", async () => {
    supervisor = new SupervisorProcess({
      endpoint: { url: endpoint.url, fleetId: service.fleetId, location: "custom-laptop" },
      way: "real",
      flags: ["--processes", "2"],
      env: { FLEETROOM_ROOM: "duel", FLEETROOM_HOST: "127.0.0.1", FLEETROOM_RESULTS_DIR: "" },
    });
    await service.until(() => ready().length === 2, READY_MS);
    const [first] = ready();
    expect(new Set(ready().map(({ port }) => port)).size).toBe(2);

    const { processId = "" } = first ?? {};
    const arn = service.placeGameSession({ processId });
    await service.until(() => service.gameSession(arn).status === "ACTIVE");
    const url = `http://127.0.0.1:${first?.port}`;
    const player = await joinAs({ url }, service.createPlayerSession(arn, "anna"));
    await until(() => player.welcomes.length === 1);

    service.terminateProcess(Date.now() + 5_000, processId);
    await service.until(() => service.processes.get(processId)?.ended === true, READY_MS);
    await service.until(() => ready().length === 2, READY_MS);
    expect(service.processes.size).toBe(3);
    expect(supervisor.all("process_ended")).toMatchObject([{ processId }]);

    expect(await supervisor.stop()).toBe(0);
    expect([...service.processes.values()].every(({ ended }) => ended)).toBe(true);
    expect(supervisor.all("process_crashed")).toEqual([]);
    expect(service.violations).toEqual([]);
    expect(endpoint.requests.map(({ operation }) => operation)).toEqual([
      "ListCompute",
      "RegisterCompute",
      "GetComputeAuthToken",
      "DeregisterCompute",
    ]);
  }, 60_000);
});
