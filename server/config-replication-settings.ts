import { setting } from "./config-setting.ts";
import { integer, oneOf } from "./config-values.ts";

export type Replication = "snapshots" | "schema";

/** How a match reaches its clients. */
export const replicationSettings = {
  replication: setting({
    key: "replication",
    defaultText: "snapshots",
    allowed: "snapshots or schema",
    meaning:
      "How what moves in a game reaches its clients: as `snapshots`, where the game has them, or with everything else in `room.state`, for clients that cannot read snapshots. Without snapshots everybody is sent everything.",
    parse: oneOf<Replication>("snapshots", "schema"),
  }),
  snapshotBytesPerSecond: setting({
    key: "snapshotBytesPerSecond",
    defaultText: "65536",
    allowed: "a whole number 2048 to 67108864",
    meaning:
      "Bytes of snapshots that one client is sent in a second; where more happens around it, it hears of each thing less often.",
    parse: integer(2048, 64 * 1024 * 1024),
  }),
};
