/**
 * What a client of one's own is written with: `fleetroom/client` of the npm package, for browser and Node.
 * @module
 */
export { CloseCode } from "../protocol/close-codes.ts";
export {
  COMMAND,
  DRAINING,
  type Draining,
  SNAPSHOT,
  WELCOME,
  type Welcome,
} from "../protocol/messages.ts";
export {
  SnapshotDecoder,
  type SnapshotEntity,
  type SnapshotNews,
} from "../protocol/snapshot-decoder.ts";
export type { SnapshotLayout } from "../protocol/snapshot-layout.ts";
export {
  type ConnectionListener,
  type JoinOptions,
  type JoinOutcome,
  joinMatch,
  type MatchConnection,
  resumeMatch,
} from "./connection.ts";
export { askLobby, type LobbyOutcome, type SeatRequest } from "./lobby.ts";
export { type Refusal, refusalOf } from "./refusal.ts";
