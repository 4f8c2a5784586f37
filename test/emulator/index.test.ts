import { GameLiftClient, ListFleetsCommand } from "@aws-sdk/client-gamelift";
import { expect, it } from "vitest";
import { startEmulator } from "../../emulator/index.ts";

async function fleetsOf({ url, region }: { url: string; region: string }) {
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const client = new GameLiftClient({ endpoint: url, region, credentials });
  try {
    return (await client.send(new ListFleetsCommand({}))).FleetIds;
  } finally {
    client.destroy();
  }
}

it("[PK13] runs inside another program, with what it is told to have, and ends with it", async () => {
  const fleet = {
    Region: "eu-north-1",
    Locations: ["custom-desk"],
    Fleets: [
      {
        FleetId: "fleet-mine",
        Name: "mine",
        ComputeType: "ANYWHERE",
        Locations: [{ Location: "custom-desk" }],
        AnywhereConfiguration: { Cost: "1" },
      },
    ],
  };
  let url = "";
  {
    await using emulator = await startEmulator({ fleet });
    expect(emulator.region).toBe("eu-north-1");
    expect(await fleetsOf(emulator)).toEqual(["fleet-mine"]);
    url = emulator.url;
  }
  await expect(fetch(url)).rejects.toThrow();
});

it("[PK13] says what is wrong with a fleet", async () => {
  await expect(startEmulator({ fleet: { Fleet: [] } })).rejects.toMatchObject({
    code: "EMULATOR_FLEET_FILE_INVALID",
    message: expect.stringContaining("the fleet of startEmulator"),
  });
  await expect(startEmulator({ fleet: "/nowhere/fleet.json" })).rejects.toMatchObject({
    code: "EMULATOR_FLEET_FILE_INVALID",
  });
});
