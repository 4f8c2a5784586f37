import net from "node:net";
import { expect, it } from "vitest";
import { preamble } from "./adapter.ts";
import { Guest } from "./guest.ts";
import { HostileServer } from "./hostile-server.ts";
import { pause, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

const DRAIN_MS = 2_000;
/** What a busy machine may add. */
const SLACK_MS = 400;

it("[HO8] a drain ends with 0 in time beside clients that do not read and sockets that are half open", async () => {
  const random = new Random(seedOf("drain"));
  const server = await HostileServer.start(random, {
    players: 12,
    env: { FLEETROOM_DRAIN_MS: String(DRAIN_MS) },
  });
  try {
    for (let number = 0; number < 12; number++) {
      const guest = await Guest.join(server.port, number % 2 ? "ws" : "tcp", server.nextId());
      if (typeof guest === "number") throw new Error(`no seat: ${guest}`);
      guest.socket.pause();
      guest.socket.removeAllListeners("data");
    }
    const { port } = server;
    const sockets = Array.from({ length: 30 }, (_, number) => {
      const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => {});
      // Some say nothing, some begin, some have ended their side and never take the other's end.
      if (number % 3 > 0) socket.write(preamble(number % 2 ? "ws" : "tcp"));
      if (number % 3 > 1) socket.end();
      socket.pause();
      return socket;
    });
    await pause(300);
    const { code, ms } = await server.process.stop("SIGTERM");
    report("drain", { deadlineMs: DRAIN_MS, tookMs: Math.round(ms), code });
    expect(code).toBe(0);
    expect(ms).toBeLessThan(DRAIN_MS + SLACK_MS);
    expect(server.process.lines.at(-1)?.event).toBe("server_stopped");
    for (const socket of sockets) socket.destroy();
  } finally {
    await server.stop();
  }
}, 30_000);
