import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { openSecondOpinion } from "../../../server/fleet/gamelift-api/second-opinion.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { BareServerProcess } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { AwsJsonEndpoint } from "../../support/gamelift-service/aws-endpoint.ts";
import { gameLiftApi } from "../../support/gamelift-service/gamelift-api.ts";
import { GameLiftService } from "../../support/gamelift-service/service.ts";

const never = new AbortController().signal;

it("[GA1] describes who waits for a seat of the service's game session, until the seat is taken", async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "fleetroom-api-"));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
  const credentialsFile = path.join(directory, "credentials");
  writeFileSync(credentialsFile, "[p]\naws_access_key_id = AKIDOURS\naws_secret_access_key = x\n");
  const clock = new FakeClock();
  await using service = await GameLiftService.open({ clock });
  await using endpoint = await AwsJsonEndpoint.open(gameLiftApi(service), { clock });
  const process = await BareServerProcess.ready(service);
  const arn = service.placeGameSession();
  await process.ask("ActivateGameSession", { GameSessionId: arn });
  const [anna, ben] = ["anna", "ben"].map((player) => service.createPlayerSession(arn, player));
  using reader = (await openSecondOpinion(
    {
      validator: "server-sdk+api",
      api: { callsPerSecond: 1 },
      aws: { region: service.region, endpointUrl: endpoint.url, credentialsFile, profile: "p" },
    },
    clock,
    new MemoryTelemetry(),
  ))!;
  const ids = async () =>
    (await reader.playerSessions(arn, never)).map((each) => [each.playerSessionId, each.playerId]);
  expect(await ids()).toEqual([
    [anna, "anna"],
    [ben, "ben"],
  ]);
  await process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId: anna });
  expect(await ids()).toEqual([[ben, "ben"]]);
  clock.advance(60_000);
  expect(await ids()).toEqual([]);
  expect(await reader.playerSessions(`${arn}0`, never)).toEqual([]);
  expect(endpoint.requests.map((each) => [each.operation, each.accessKeyId, each.status])).toEqual([
    ["DescribePlayerSessions", "AKIDOURS", 400],
    ...Array.from({ length: 3 }, () => ["DescribePlayerSessions", "AKIDOURS", 200]),
    ["DescribePlayerSessions", "AKIDOURS", 400],
  ]);
});
