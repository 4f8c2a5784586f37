import { describe, expect, it } from "vitest";
import { processIdentity } from "../../server/process-identity.ts";
import { processOrdinal } from "../../server/process-ordinal.ts";

const METADATA = JSON.stringify({
  buildArn: "arn:aws:gamelift:eu-west-1:1:build/build-7",
  fleetId: "fleet-of-file",
});

describe("processIdentity", () => {
  it("[TL9] takes ids from what the fleet sets, and the rest from the instance's own file", () => {
    const environment = {
      GAMELIFT_SDK_FLEET_ID: "fleet-1",
      GAMELIFT_SDK_HOST_ID: "i-1",
      GAMELIFT_SDK_PROCESS_ID: "p-1",
      GAMELIFT_REGION: "eu-west-1",
      GAMELIFT_SDK_AUTH_TOKEN: "secret",
    };
    const paths: string[] = [];
    const identity = processIdentity(environment, (path) => {
      paths.push(path);
      return METADATA;
    });
    expect(identity).toEqual({
      fleetId: "fleet-1",
      location: "eu-west-1",
      computeName: "i-1",
      processId: "p-1",
      buildId: "build-7",
    });
    expect(paths).toEqual(["/local/gamemetadata/gamelift-metadata.json"]);
    expect(processIdentity({}, () => METADATA).fleetId).toBe("fleet-of-file");
  });

  it("[TL9] takes for no process's id what every container is given", () => {
    const environment = { GAMELIFT_SDK_PROCESS_ID: "ManagedResource" };
    expect(processIdentity(environment, () => undefined).processId).toBe("");
  });

  it.each([undefined, "", "null", "[]", "5", '{"fleetId":5,"buildArn":[]}', "x".repeat(300)])(
    "[TL9] says nothing where nothing can be read: %s",
    (text) => {
      const identity = processIdentity({ GAMELIFT_SDK_HOST_ID: "x".repeat(257) }, () => text);
      expect(new Set(Object.values(identity))).toEqual(new Set([""]));
    },
  );
});

describe("processOrdinal", () => {
  it("[TL9] is the place of the port among those that could be taken", () => {
    const ports = Array.from({ length: 50 }, (_, place) => 7000 + place);
    expect([7000, 7007, 7049].map((port) => processOrdinal(ports, port))).toEqual([
      "00",
      "07",
      "49",
    ]);
    expect(processOrdinal([0], 40_123)).toBe("p40123");
  });
});
