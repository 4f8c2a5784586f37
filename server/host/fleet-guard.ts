/**
 * What a hosted room's own code gets in place of `@colyseus/core`'s `matchMaker` and `Server`: on a fleet one process
 * hosts one game session, so making rooms, other servers and HTTP routes is refused with an error that says so.
 * @module
 */
import * as core from "@colyseus/core";
import { ErrorCode, GameServerError } from "../errors.ts";

/** Reading is harmless; everything else of the matchmaker moves rooms and seats, which are the fleet's. */
const READABLE = new Set([
  "MatchMakerState",
  "driver",
  "findOneRoomAvailable",
  "getLocalRoomById",
  "getRoomById",
  "onReady",
  "presence",
  "processId",
  "publicAddress",
  "query",
  "state",
  "stats",
]);

function refuse(what: string): never {
  throw new GameServerError(
    ErrorCode.NOT_ON_A_FLEET,
    `${what} is not possible here: one server process hosts one game session, which the fleet places. Export a map of rooms; see docs/MIGRATING.md.`,
  );
}

export const matchMaker: typeof core.matchMaker = new Proxy({} as typeof core.matchMaker, {
  get(_target, name) {
    const value: unknown = Reflect.get(core.matchMaker, name);
    if (typeof name === "symbol" || READABLE.has(name) || value === undefined) return value;
    if (typeof value !== "function") return refuse(`matchMaker.${name}`);
    return () => refuse(`matchMaker.${name}()`);
  },
});

/** Refuses to be made. */
export class Server {
  constructor() {
    refuse("new Server() (and with it Express routes)");
  }
}

export function defineServer(): never {
  refuse("defineServer() (and with it Express routes)");
}
