/**
 * What the door needs of the match that is open: who may sit, and how a connection is joined to the room.
 * @module
 */
import type { AuthContext } from "@colyseus/core";
import type { Admission, Claim } from "../session/admission.ts";
import type { Refused } from "../session/refused.ts";
import type { GameClient } from "./game-client.ts";

type SeatOutcome =
  | { readonly outcome: "seated" }
  | { readonly outcome: "refused"; readonly error: { code: number; message: string } | undefined };

interface SeatingRoom {
  seat(client: GameClient, claim: Claim, context: AuthContext): Promise<SeatOutcome>;
  reconnect(
    client: GameClient,
    token: string,
    skipHandshake: boolean,
    context: AuthContext,
  ): Promise<SeatOutcome>;
  /** Whether the game speaks with clients of that version, built for that schema of its state. `""`: not said. */
  acceptsClient(clientVersion: string, schemaVersion: string): boolean;
  /** The room's code threw over a message of a client, who is being closed. */
  messageFailed(cause: unknown): void;
  /** @returns Whose seat a reconnection token opens. */
  sessionIdOf(token: string): string | undefined;
}

interface OpenMatch {
  readonly admission: Admission;
  readonly room: SeatingRoom;
  /** The game's name, which the stock SDK puts into its room object. */
  readonly roomName: string;
}

export interface Seating {
  /** The match that takes connections now, `undefined` while none is open. */
  readonly current: OpenMatch | undefined;
  /** Answer to a join while no match is open. */
  refusalWithoutMatch(): Refused;
}
