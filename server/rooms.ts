/**
 * Which games this server hosts unless `FLEETROOM_ROOMS` names another module: a map from the name that players join
 * by to a Simulation or a Colyseus Room class.
 * @module
 */
import { ChatRoom } from "../rooms/colyseus/chat-room.ts";
import { SIMULATIONS } from "../rooms/index.ts";

export const rooms = { ...SIMULATIONS, chat: ChatRoom };
