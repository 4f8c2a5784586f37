import { Room } from "@colyseus/core";
import { expect, it } from "vitest";
import { duel } from "../../../rooms/duel/simulation.ts";
import { rulesOf } from "../../../server/host/game-rules.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { hosted } from "./match-world.ts";

const inSimulation = (rules: object) => ({
  kind: "simulation" as const,
  simulation: { ...duel, ...rules },
});
const inRoomClass = (rules: object) => hosted(Object.assign(class extends Room {}, rules));

it.each([
  ["a Simulation", inSimulation],
  ["a Room class", inRoomClass],
])(
  "[TP37] %s that names a schema accepts that one and none, and asks its own rule as well",
  (_what, inGame) => {
    const telemetry = new MemoryTelemetry();
    const { acceptsClient } = rulesOf(inGame({ schemaVersion: "7" }), telemetry);
    expect([acceptsClient("", "7"), acceptsClient("", ""), acceptsClient("1", "6")]).toEqual([
      true,
      true,
      false,
    ]);
    const strict = rulesOf(
      inGame({ schemaVersion: "7", acceptsClient: (_: string, schema: string) => schema !== "" }),
      telemetry,
    );
    expect([strict.acceptsClient("", "7"), strict.acceptsClient("", "")]).toEqual([true, false]);
  },
);

it.each([
  ["a Simulation", inSimulation],
  ["a Room class", inRoomClass],
])("[TP35] %s without rules accepts whatever a client says", (_what, inGame) => {
  const { acceptsClient } = rulesOf(inGame({}), new MemoryTelemetry());
  expect([acceptsClient("", ""), acceptsClient("1", "6")]).toEqual([true, true]);
});
