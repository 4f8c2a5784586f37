import { setTimeout as delay } from "node:timers/promises";
import { collectedBytes, residentBytes } from "../measure/process-cost.ts";
import { startColyseus, startFleetroom } from "../subjects/subject.ts";
import { Swarm } from "../swarm/swarm.ts";
// @ts-ignore
import { regions, diff } from "/tmp/smaps.mjs";
const ROOM = { seats: 600, patchMs: 50, profileChars: 0 };
const swarm = new Swarm();
for (const [name, start, way] of [["colyseus", startColyseus, "stock"], ["ours", startFleetroom, "tcp"], ["ours", startFleetroom, "play"]].filter((x: any) => !process.argv[2] || process.argv[2].includes(x[2])) as any) {
  const s = await start(ROOM);
  await swarm.open("warm", s, way, 40); await swarm.close("warm"); await delay(500);
  const b = await collectedBytes(s.pid); const R0 = regions(s.pid);
  await swarm.open("idle", s, way, 500, 50); await delay(500);
  const g = residentBytes(s.pid); const c = await collectedBytes(s.pid);
  console.log(name, way, "garbage", ((g-b)/512000).toFixed(1), "collected", ((c-b)/512000).toFixed(1), "|", diff(R0, regions(s.pid), 500));
  await swarm.close("idle"); await s.stop();
}
swarm.stop();
