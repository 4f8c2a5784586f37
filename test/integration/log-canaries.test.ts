import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { joinAs } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const LEAKING_ROOMS = fileURLToPath(new URL("../support/leaking-rooms.ts", import.meta.url));
const CANARY = "4fCanary7Zq";
const started: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

function shownBy(server: ServerProcess): string[] {
  const lines = `${server.stdout}\n${server.stderr}`.split("\n");
  return lines.filter((line) => line.toLowerCase().includes(CANARY.toLowerCase()));
}

describe("what a server writes when things fail", () => {
  it("[TL13] shows no secret of an error that the game threw", async () => {
    const server = await ServerProcess.start({
      FLEETROOM_ROOMS: LEAKING_ROOMS,
      FLEETROOM_ROOM: "leaking",
      FLEETROOM_LOG_LEVEL: "debug",
    });
    started.push(server);
    const { room } = await joinAs(server, "psess-local-1");
    room.send(
      "leak",
      `psess-${CANARY} AuthToken=${CANARY} Bearer ${CANARY} wss://a.example/?Authorization=${CANARY} ` +
        `AKIA${CANARY.toUpperCase()}00 aws_session_token: ${CANARY} http://u:${CANARY}@a.example`,
    );
    const fault = await server.line("client_fault");
    expect(fault["cause.message"]).toContain("outer: psess-(hidden)");
    expect(fault["cause.stack"]).toContain("rooms.mjs");
    await server.line("game_session_ended");
    await server.stop();
    expect(shownBy(server)).toEqual([]);
  });

  it("[TL13] shows no secret of a fleet that does not know its token", async () => {
    await using service = await GameLiftService.open();
    const server = await ServerProcess.startOnFleet(
      {
        ...service.environment(),
        GAMELIFT_SDK_AUTH_TOKEN: CANARY,
        AWS_ACCESS_KEY_ID: `AKIA${CANARY.toUpperCase()}00000`,
        AWS_SECRET_ACCESS_KEY: CANARY,
        AWS_SESSION_TOKEN: CANARY,
      },
      ["--log-level", "debug"],
    ).catch((error: unknown) => String(error));
    if (typeof server !== "string") started.push(server);
    const written = typeof server === "string" ? server : `${server.stdout}${server.stderr}`;
    expect(written).toMatch(/FLEET_/);
    expect(written).not.toContain(CANARY);
  });
});
