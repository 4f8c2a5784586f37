import { GameLiftClient, ListFleetsCommand } from "@aws-sdk/client-gamelift";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FrontWorld } from "./front-world.ts";

let world: FrontWorld;
beforeAll(async () => {
  world = await FrontWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

function clientOf(): GameLiftClient {
  return new GameLiftClient({
    endpoint: world.front.url,
    region: "us-west-2",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
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
