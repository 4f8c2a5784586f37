/**
 * What a client needs to move its own ship ahead of the server's answer, and to draw what it is sent.
 *
 * Start from the replica's ship, whose `ack` names the last command used, and repeat `stepShip` with every later
 * command at the match's tick rate.
 * @module
 */
export { ArenaButton, type ArenaCommand, encodeArenaCommand, toTickEighths } from "./commands.ts";
export { createGround } from "./ground.ts";
export { stepShip } from "./ship.ts";
export type { ArenaControls, Ground, ShipBody } from "./state.ts";
export * from "./tuning.ts";
