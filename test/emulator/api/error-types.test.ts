import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorOf } from "../../../emulator/api/api-error.ts";
import { emulatedOperations, operationModel } from "../../../emulator/api/model.ts";
import { operationNamed } from "../../../emulator/api/operations.ts";
import type { RefusalKind } from "../../../emulator/plane/outcome.ts";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, errorIn, outputOf } from "./api-world.ts";
import { validValue } from "./valid-input.ts";

const KINDS: readonly RefusalKind[] = [
  "InvalidRequest",
  "NotFound",
  "Unauthorized",
  "Conflict",
  "IdempotentParameterMismatch",
  "InvalidFleetStatus",
  "InvalidGameSessionStatus",
  "NotReady",
  "GameSessionFull",
  "FleetCapacityExceeded",
  "LimitExceeded",
  "TerminalRoutingStrategy",
  "UnsupportedRegion",
];

/** A world with something of everything, and inputs that mostly name what is there. */
function furnished() {
  const world = new ApiWorld({ fleets: { anywhere: { fleetId: "fleet-1" } } });
  const { session } = world.hosting("p-1", { maximum: 2 });
  world.hosting("p-2", { isSupervised: true });
  world.ready("p-3");
  const player = world.reserve(session, "ada");
  const alias = (RoutingStrategy: object) =>
    world.ok("CreateAlias", { Name: "live", RoutingStrategy }).Alias.AliasId as string;
  const Destinations = [{ DestinationArn: world.anywhere.fleetArn }];
  world.ok("CreateGameSessionQueue", { Name: "queue", Destinations });
  const placement = { GameSessionQueueName: "queue", MaximumPlayerSessionCount: 2 };
  world.ok("StartGameSessionPlacement", { ...placement, PlacementId: "placement" });
  const { BuildId } = world.ok("CreateBuild", { OperatingSystem: "AMAZON_LINUX_2023" }).Build;
  const known: Readonly<Record<string, readonly unknown[]>> = {
    BuildId: [BuildId, "build-none"],
    FleetId: ["fleet-1", world.managed.fleetId, "fleet-none"],
    FleetIds: [["fleet-1"], ["fleet-none"]],
    AliasId: [
      alias({ Type: "SIMPLE", FleetId: "fleet-1" }),
      alias({ Type: "TERMINAL", Message: "gone" }),
      "alias-none",
    ],
    GameSessionId: [session.gameSessionId, "arn:none"],
    PlayerSessionId: [player, "psess-none"],
    ComputeName: ["laptop", "i-1", "none"],
    Location: [LOCATION, "us-west-2", "custom-none"],
    LocationName: [LOCATION, "custom-none"],
    Name: ["queue"],
    Names: [["queue"]],
    GameSessionQueueName: ["queue"],
    PlacementId: ["placement"],
    NextToken: ["token"],
    ComputeType: ["ANYWHERE", "EC2"],
    Locations: [[{ Location: LOCATION }], [LOCATION]],
  };
  return { world, known };
}

describe("the errors of every operation", () => {
  it("[EA47] are emulated for each operation of the kept model, and for no other", () => {
    const missing = emulatedOperations().filter((name) => operationNamed(name) === undefined);
    expect(missing).toEqual([]);
  });

  it.each(emulatedOperations())("[EA47] of %s are those that the model lists", (operation) => {
    const listed = operationModel(operation)?.errors ?? [];
    expect(listed).toContain("InvalidRequestException");
    for (const refusal of KINDS) {
      const { type, message } = errorOf(operation, { refusal, message: "words" });
      expect(listed).toContain(type);
      expect(message).toBe("words");
      if (listed.includes(`${refusal}Exception`)) expect(type).toBe(`${refusal}Exception`);
    }
  });

  it.each(emulatedOperations())(
    "[EA47] of %s, and its answers, are the model's for any valid input",
    (operation) => {
      const { world, known } = furnished();
      const shape = operationModel(operation)?.input ?? "";
      const whole = Object.entries(validValue(shape) as object);
      const members = whole.map(([name, value]) =>
        fc.constantFrom(undefined, value, ...(known[name] ?? [])),
      );
      const inputs = fc
        .tuple(...members)
        .map((values) => Object.fromEntries(whole.map(([name], index) => [name, values[index]])));
      fc.assert(
        fc.property(inputs, (input) => {
          const answer = world.api.call(operation, input);
          // Both fail the test on what the model does not have.
          if ("output" in answer) outputOf(operation, answer);
          else errorIn(operation, answer);
        }),
        { numRuns: 60 },
      );
      expect(world.printed).toEqual([]);
    },
  );
});
