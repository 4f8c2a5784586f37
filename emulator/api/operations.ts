import type { Operation, Operations } from "./operation.ts";
import { aliasOperations } from "./operations/aliases.ts";
import { buildOperations } from "./operations/builds.ts";
import { computeOperations } from "./operations/computes.ts";
import { fleetSettingsOperations } from "./operations/fleet-settings.ts";
import { fleetUsageOperations } from "./operations/fleet-usage.ts";
import { fleetOperations } from "./operations/fleets.ts";
import { gameSessionOperations } from "./operations/game-sessions.ts";
import { locationOperations } from "./operations/locations.ts";
import { placementOperations } from "./operations/placements.ts";
import { playerSessionOperations } from "./operations/player-sessions.ts";
import { queueOperations } from "./operations/queues.ts";
import { scalingOperations } from "./operations/scaling.ts";
import { searchOperations } from "./operations/search.ts";

const operations: Operations = {
  ...fleetOperations,
  ...fleetUsageOperations,
  ...fleetSettingsOperations,
  ...scalingOperations,
  ...buildOperations,
  ...locationOperations,
  ...aliasOperations,
  ...computeOperations,
  ...gameSessionOperations,
  ...searchOperations,
  ...playerSessionOperations,
  ...queueOperations,
  ...placementOperations,
};

export function operationNamed(name: string): Operation | undefined {
  return Object.hasOwn(operations, name) ? operations[name] : undefined;
}
