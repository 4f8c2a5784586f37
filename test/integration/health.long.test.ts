import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { ServerProcess } from "../support/server-process.ts";

/** A room that holds the event loop for most of every second, for a while. */
const ROOMS = `
  import { Room } from "@colyseus/core";
  class HoldingRoom extends Room {
    onCreate() {
      const endMs = performance.now() + 95_000;
      const hold = () => {
        const untilMs = performance.now() + 700;
        while (performance.now() < untilMs);
        if (performance.now() < endMs) setTimeout(hold, 1);
      };
      setTimeout(hold, 1_000);
    }
  }
  export const rooms = { holding: HoldingRoom };
`;

it("[HE8] is 503 once a room has held the event loop for a minute, and 200 when it lets go", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "fleetroom-health-"));
  const rooms = path.join(folder, "rooms.mjs");
  writeFileSync(rooms, ROOMS);
  const server = await ServerProcess.start({ FLEETROOM_ROOMS: rooms, FLEETROOM_ROOM: "holding" });
  const health = async () => {
    const answer = await fetch(`${server.adminUrl}/healthz`);
    return { code: answer.status, ...((await answer.json()) as object) };
  };
  try {
    const startMs = performance.now();
    const unwell = server.line("health_changed", 1, 120_000);
    await new Promise((resolve) => setTimeout(resolve, 40_000));
    expect(await health()).toMatchObject({ code: 200, eventLoop: "slow", status: "ok" });
    expect(await unwell).toMatchObject({ isHealthy: false, reason: "event_loop_slow" });
    expect(performance.now() - startMs).toBeGreaterThan(60_000);
    expect(await health()).toMatchObject({ code: 503, eventLoop: "slow", status: "unhealthy" });
    const well = await server.line("health_changed", 2, 60_000);
    expect(well).toMatchObject({ isHealthy: true, reason: "recovered" });
    expect(await health()).toMatchObject({ code: 200, eventLoop: "ok", status: "ok" });
  } finally {
    await server.kill();
  }
});
