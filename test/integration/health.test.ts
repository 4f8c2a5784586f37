import { expect, it } from "vitest";
import { ServerProcess } from "../support/server-process.ts";

it("[HE8] shows what the verdict is made of, beside what the process does and its game port", async () => {
  const server = await ServerProcess.start();
  try {
    await server.line("game_session_started");
    const answer = await fetch(`${server.adminUrl}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: "ok",
      port: Number(new URL(server.url).port),
      phase: "active",
      seatsHeld: 0,
      ticks: "none",
      eventLoop: "ok",
      match: "none",
      ranTicks: 0,
      droppedTicks: 0,
    });
  } finally {
    await server.kill();
  }
});
