import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { FakeClock } from "../../support/fake-clock.ts";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiServer } from "./api-server.ts";
import { ApiWorld, type Output } from "./api-world.ts";

const AWS = "/usr/bin/aws";
const PYTHON = "/usr/bin/python3";
const run = promisify(execFile);
const credentials = { accessKeyId: "AKIAEMULATOR", secretAccessKey: "not a secret" };

/** Nothing of the developer's: neither keys nor files of settings. */
function environment(secretAccessKey = credentials.secretAccessKey): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
}

/** These clients sign by the wall clock. */
class WallWorld extends ApiWorld {
  constructor() {
    super({ credentials });
    // biome-ignore lint/suspicious/noExplicitAny: the world's clock is made before this class can choose one.
    (this.clock as any).wallMs = () => Date.now();
  }
}

describe.skipIf(!existsSync(AWS))(`${AWS}, or skipped for want of it`, () => {
  const aws = async (server: ApiServer, command: string, secretAccessKey?: string) => {
    const words = ["--endpoint-url", server.url, "--output", "json", "gamelift"];
    const env = environment(secretAccessKey);
    const { stdout } = await run(AWS, [...words, ...command.split(" ")], { env });
    return (stdout === "" ? {} : JSON.parse(stdout)) as Output;
  };

  it("[EA55] goes from a compute to a player session that is COMPLETED, signed", async () => {
    const world = new WallWorld();
    await using server = await ApiServer.open(world.api);
    const fleet = `--fleet-id ${world.anywhere.fleetId}`;
    const desk = `${fleet} --compute-name desk`;
    const { Compute } = await aws(
      server,
      `register-compute ${desk} --ip-address 127.0.0.1 --location ${LOCATION}`,
    );
    expect(Compute.GameLiftServiceSdkEndpoint).toBe("ws://127.0.0.1:9080");
    const { AuthToken } = await aws(server, `get-compute-auth-token ${desk}`);
    expect(world.plane.computes.admits(AuthToken, world.anywhere.fleetId, "desk")).toBe(true);
    const process = world.ready("p-1");
    const { GameSession } = await aws(
      server,
      `create-game-session ${fleet} --location ${LOCATION} --maximum-player-session-count 2 --game-properties Key=room,Value=arena`,
    );
    const id = GameSession.GameSessionId;
    world.plane.gameSessions.activate(process, id);
    const { PlayerSession } = await aws(
      server,
      `create-player-session --game-session-id ${id} --player-id ada`,
    );
    const statuses: string[] = [];
    const look = async () => {
      const described = await aws(server, `describe-player-sessions --game-session-id ${id}`);
      statuses.push(described.PlayerSessions[0].Status);
    };
    await look();
    world.plane.playerSessions.accept(process, id, PlayerSession.PlayerSessionId);
    await look();
    world.plane.playerSessions.remove(process, id, PlayerSession.PlayerSessionId);
    await look();
    expect(statuses).toEqual(["RESERVED", "ACTIVE", "COMPLETED"]);
    expect(await aws(server, `deregister-compute ${desk}`)).toEqual({});
  });

  it("[EA55] shows errors by name and words", async () => {
    const world = new WallWorld();
    await using server = await ApiServer.open(world.api);
    const failing = (command: string, secret?: string) =>
      aws(server, command, secret).catch(({ stderr }: { stderr: string }) => stderr.trim());
    expect(await failing("resolve-alias --alias-id alias-none")).toBe(
      "An error occurred (NotFoundException) when calling the ResolveAlias operation: Alias alias-none was not found",
    );
    expect(await failing("stop-matchmaking --ticket-id t")).toMatch(
      /\(UnsupportedOperationException\) .*StopMatchmaking is not emulated/,
    );
    expect(await failing("describe-alias --alias-id nobody")).toMatch(
      /\(InvalidRequestException\) .*Value 'nobody' at 'aliasId' failed/,
    );
    expect(await failing("list-fleets", "another secret")).toMatch(
      /\(InvalidSignatureException\) .*The request signature we calculated does not match/,
    );
  });
});

const hasBoto3 = await run(PYTHON, ["-c", "import boto3"]).then(
  () => true,
  () => false,
);

const SCRIPT = `
import boto3, json, sys
client = boto3.client("gamelift", endpoint_url=sys.argv[1])
fleet, session = sys.argv[2], sys.argv[3]
names = [c["ComputeName"] for page in client.get_paginator("list_compute").paginate(
    FleetId=fleet, PaginationConfig={"PageSize": 3}) for c in page["ComputeList"]]
made = client.create_player_sessions(GameSessionId=session, PlayerIds=["a", "b"], PlayerDataMap={"a": "\\u2603"})
said = []
def refused(call):
    try:
        call()
    except Exception as error:
        said.append([type(error).__name__, error.response["Error"]["Code"], error.response["Error"]["Message"]])
refused(lambda: client.create_player_session(GameSessionId=session, PlayerId="c"))
refused(lambda: client.describe_player_sessions(PlayerSessionId="psess-none"))
refused(lambda: client.list_scripts())
events = client.describe_fleet_events(FleetId=fleet)["Events"]
print(json.dumps({"names": names, "statuses": [p["Status"] for p in made["PlayerSessions"]],
    "data": made["PlayerSessions"][0]["PlayerData"], "said": said, "year": events[0]["EventTime"].year,
    "missing": client.describe_fleet_attributes(FleetIds=["fleet-none"])["FleetAttributes"]}))
`;

describe.skipIf(!hasBoto3)(`boto3 of ${PYTHON}, or skipped for want of it`, () => {
  let told: Output;
  beforeAll(async () => {
    const world = new WallWorld();
    for (let index = 0; index < 7; index++) world.registerCompute(`c-${index}`);
    const { session } = world.hosting("p-1", { maximum: 2 });
    await using server = await ApiServer.open(world.api);
    const words = ["-c", SCRIPT, server.url, world.anywhere.fleetId, session.gameSessionId];
    const { stdout } = await run(PYTHON, words, { env: environment() });
    told = JSON.parse(stdout);
  });

  it("[EA56] pages, calls and reads times", () => {
    expect(told.names).toHaveLength(8);
    expect(told.statuses).toEqual(["RESERVED", "RESERVED"]);
    expect(told.data).toBe("☃");
    expect(told.year).toBe(new Date(new FakeClock().wallMs()).getFullYear());
    expect(told.missing).toEqual([]);
  });

  it("[EA56] raises the exceptions that the model has, and a ClientError for what is not emulated", () => {
    expect(told.said).toEqual([
      [
        "GameSessionFullException",
        "GameSessionFullException",
        "Game session has 0 free player slots",
      ],
      ["NotFoundException", "NotFoundException", "The player session was not found"],
      [
        "ClientError",
        "UnsupportedOperationException",
        expect.stringMatching(/^ListScripts is not emulated/),
      ],
    ]);
  });
});
