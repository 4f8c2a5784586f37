import {
  CreateAliasCommand,
  CreateFleetCommand,
  type CreateFleetCommandInput,
  CreateGameSessionQueueCommand,
  type CreateGameSessionQueueCommandInput,
  CreateLocationCommand,
  type CreateLocationCommandInput,
  GameLiftClient,
  ResolveAliasCommand,
} from "@aws-sdk/client-gamelift";
import { expect, it } from "vitest";
import { openEmulator } from "../../emulator/emulator.ts";
import { requestsOf } from "./requests.ts";
import { readTemplate, resolved, type Values } from "./template.ts";

/** The input of the only request of a kind that a template leads to. */
function inputOf<Input>(file: string, shape: string, given: Values = {}): Input {
  const found = requestsOf(resolved(readTemplate(file), given)).filter(
    (request) => request.shape === shape,
  );
  expect(found, shape).toHaveLength(1);
  return found[0]?.input as Input;
}

it("[IF14] an emulated GameLift makes what the templates of Anywhere and queue ask for, one out of the other", async () => {
  await using emulator = await openEmulator({ print: () => {} });
  const client = new GameLiftClient({
    endpoint: emulator.url,
    region: "us-west-2",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
  });
  const anywhere = "infra/anywhere.yaml";
  const { Location } = await client.send(
    new CreateLocationCommand(inputOf<CreateLocationCommandInput>(anywhere, "CreateLocationInput")),
  );
  expect(Location?.LocationName).toBe("custom-home");
  const { FleetAttributes: fleet } = await client.send(
    new CreateFleetCommand(inputOf<CreateFleetCommandInput>(anywhere, "CreateFleetInput")),
  );
  expect(fleet).toMatchObject({ Name: "fleetroom-anywhere", ComputeType: "ANYWHERE" });
  const alias = inputOf<{ Name: string; RoutingStrategy: object }>(anywhere, "CreateAliasInput");
  const { Alias } = await client.send(
    new CreateAliasCommand({
      ...alias,
      RoutingStrategy: { ...alias.RoutingStrategy, Type: "SIMPLE", FleetId: fleet?.FleetId },
    }),
  );
  const resolvedTo = await client.send(new ResolveAliasCommand({ AliasId: Alias?.AliasId }));
  expect(resolvedTo.FleetId).toBe(fleet?.FleetId);
  // The template's pattern has to let through what the service calls an alias.
  const given = { AliasArn: Alias?.AliasArn ?? "" };
  const { GameSessionQueue: queue } = await client.send(
    new CreateGameSessionQueueCommand(
      inputOf<CreateGameSessionQueueCommandInput>(
        "infra/queue.yaml",
        "CreateGameSessionQueueInput",
        given,
      ),
    ),
  );
  expect(queue?.Destinations).toEqual([{ DestinationArn: Alias?.AliasArn }]);
  expect(queue?.PlayerLatencyPolicies).toHaveLength(3);
  expect(queue?.TimeoutInSeconds).toBe(60);
  client.destroy();
});
