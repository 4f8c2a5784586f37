import { createRequire } from "node:module";
import { GameLiftClient, ListFleetsCommand } from "@aws-sdk/client-gamelift";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FrontWorld } from "./front-world.ts";

type ClientOptions = NonNullable<ConstructorParameters<typeof GameLiftClient>[0]>;

/** Of the SDK's own core, which is its dependency and none of ours. */
const { AwsSmithyRpcV2CborProtocol } = createRequire(
  createRequire(import.meta.url).resolve("@aws-sdk/client-gamelift"),
)("@aws-sdk/core/protocols") as {
  AwsSmithyRpcV2CborProtocol: NonNullable<ClientOptions["protocol"]>;
};

let world: FrontWorld;
beforeAll(async () => {
  world = await FrontWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

function clientOf(over: Partial<ClientOptions> = {}): GameLiftClient {
  return new GameLiftClient({
    endpoint: world.front.url,
    region: "us-west-2",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    ...over,
  });
}

it("[EF7] takes what the AWS SDK sends", async () => {
  world.answer = () => ({ status: 200, body: '{"FleetIds":["fleet-1"]}' });
  const client = clientOf();
  expect((await client.send(new ListFleetsCommand({}))).FleetIds).toEqual(["fleet-1"]);
  client.destroy();
});

it("[EF13] shows an AWS SDK the error of a handler that throws", async () => {
  world.answer = () => {
    throw new Error("x");
  };
  const client = clientOf();
  await expect(client.send(new ListFleetsCommand({}))).rejects.toMatchObject({
    name: "InternalServiceException",
    $metadata: { httpStatusCode: 500 },
  });
  client.destroy();
});

it("[EF8] is understood by an AWS SDK that speaks CBOR", async () => {
  const client = clientOf({ protocol: AwsSmithyRpcV2CborProtocol });
  await expect(client.send(new ListFleetsCommand({}))).rejects.toMatchObject({
    name: "UnsupportedMediaTypeException",
    message: expect.stringContaining("AWS JSON 1.1"),
    $metadata: { httpStatusCode: 415 },
  });
  client.destroy();
});
