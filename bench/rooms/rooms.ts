import { BenchRoom } from "./bench-room.ts";

export const rooms = { bench: BenchRoom };
