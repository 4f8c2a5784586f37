import { TagRoom } from "./tag-room.ts";

// FLEETROOM_ROOMS=examples/legacy-colyseus/rooms.ts FLEETROOM_ROOM=tag npm start
export const rooms = { tag: TagRoom };
