import type { Simulation } from "../../rooms/simulation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { HostedGame } from "./game-choice.ts";

/** What a game says of its clients. */
export interface GameRules {
  /** @param schemaVersion - Of the state's schema, as the client says it; `""` if it does not. */
  acceptsClient(clientVersion: string, schemaVersion: string): boolean;
  /** A throw over one client's message ends the match, not that client alone. */
  readonly abortsOnMessageFault: boolean;
}

/** Reads them from a Simulation, or from the static members of the same names of a Room class. */
export function rulesOf(game: HostedGame, telemetry: Telemetry): GameRules {
  const rules = (game.kind === "simulation" ? game.simulation : game.roomClass) as Pick<
    Simulation,
    "acceptsClient" | "messageFault" | "schemaVersion"
  >;
  return {
    // Whoever says a version has shown nothing yet: a rule that throws over it has not said yes, and that is all.
    acceptsClient: (clientVersion, schemaVersion) => {
      // A stock client says none: it gets the schema with its join.
      const isOtherSchema =
        rules.schemaVersion !== undefined &&
        schemaVersion !== "" &&
        schemaVersion !== rules.schemaVersion;
      if (isOtherSchema) return false;
      try {
        return rules.acceptsClient?.(clientVersion, schemaVersion) !== false;
      } catch (cause) {
        telemetry.clientFault({ where: "version", playerId: "", cause });
        return false;
      }
    },
    abortsOnMessageFault: rules.messageFault === "abort_match",
  };
}
