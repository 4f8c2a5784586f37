import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { ADMIN_LIMITS } from "../../../server/admin/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { AdminWorld, EventReader } from "./admin-world.ts";

const { liveReadersMax, liveIntervalMs, liveWaitingBytesMax } = ADMIN_LIMITS;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle();
}

describe("/live", () => {
  it("[AM8] tells how things stand at once, and each second from then on", async () => {
    await using world = await AdminWorld.open();
    const response = await world.begin("/live");
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const reader = new EventReader(response);
    expect(await reader.next()).toEqual({ version: 1, picture: 1 });
    for (const picture of [2, 3]) {
      world.clock.advance(liveIntervalMs);
      expect(await reader.next()).toEqual({ version: 1, picture });
    }
    expect((await world.ask("/live", { method: "HEAD" })).status).toBe(405);
  });

  it("[AM8] makes one picture a second for all, and none while nobody watches", async () => {
    await using world = await AdminWorld.open();
    expect(world.clock.pendingTimers).toBe(0);
    const readers = [];
    for (let count = 0; count < liveReadersMax; count++) {
      readers.push(await world.begin("/live"));
    }
    expect([world.pictures, world.clock.pendingTimers]).toEqual([1, 1]);
    world.clock.advance(liveIntervalMs * 3);
    expect(world.pictures).toBe(4);
    for (const reader of readers) reader.destroy();
    await until(() => world.clock.pendingTimers === 0);
    world.clock.advance(60_000);
    expect(world.pictures).toBe(4);
    const again = new EventReader(await world.begin("/live"));
    expect(await again.next()).toEqual({ version: 1, picture: 5 });
  });

  it("[AM8] takes eight readers of a hundred and says to the others why not, and a place is free again", async () => {
    await using world = await AdminWorld.open();
    const open = [];
    const refused = [];
    for (let count = 0; count < 100; count++) {
      const response = await world.begin("/live");
      if (response.statusCode === 200) open.push(response);
      else refused.push(`${response.statusCode} ${await text(response)}`);
    }
    expect(open).toHaveLength(liveReadersMax);
    expect(new Set(refused)).toEqual(
      new Set([
        `503 {"error":"8 live views of this server are open, which is the most; close one"}\n`,
      ]),
    );
    expect((await world.ask("/healthz")).status).toBe(200);
    open[0]?.destroy();
    let status: number | undefined;
    while (status !== 200) status = (await world.begin("/live")).statusCode;
  });

  it("[AM8] cuts a reader who takes nothing, holds no more than 64 KB for him, and goes on for others", async () => {
    // Large, so that the system's own buffers are full after some hundreds.
    const picture = { filling: "x".repeat(50_000) };
    await using world = await AdminWorld.open({ live: () => picture });
    const stalled = connect(world.port, "127.0.0.1");
    stalled.on("error", () => {});
    stalled.write("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => stalled.once("readable", resolve));
    stalled.pause();
    const isCut = new Promise<boolean>((resolve) => stalled.once("close", () => resolve(true)));
    const reader = new EventReader(await world.begin("/live"));
    await reader.next();
    let sentBytes = 0;
    const timers = world.clock.pendingTimers;
    // The other one's place is taken back as soon as he is cut: one more can come than before.
    const others = [];
    for (let count = 0; count < liveReadersMax - 2; count++)
      others.push(await world.begin("/live"));
    for (const other of others) other.resume();
    let status: number | undefined = 503;
    while (status !== 200 && sentBytes < 64 * 1024 * 1024) {
      world.clock.advance(liveIntervalMs);
      expect(await reader.next()).toEqual(picture);
      sentBytes += picture.filling.length;
      const probe = await world.begin("/live");
      status = probe.statusCode;
      if (status === 503) probe.resume();
    }
    expect(status).toBe(200);
    expect(world.clock.pendingTimers).toBe(timers);
    stalled.resume();
    expect(await isCut).toBe(true);
    expect(liveWaitingBytesMax).toBe(65_536);
  });

  it("[AM8] says with 500 that no picture can be made, and survives one that cannot be later on", async () => {
    let isBroken = true;
    const live = () => {
      if (isBroken) throw new Error("secret detail");
      return { version: 1 };
    };
    await using world = await AdminWorld.open({ live });
    const { status, body } = await world.ask("/live");
    expect([status, body]).toEqual([500, '{"error":"the answer could not be made"}\n']);
    isBroken = false;
    const reader = new EventReader(await world.begin("/live"));
    await reader.next();
    isBroken = true;
    world.clock.advance(liveIntervalMs);
    isBroken = false;
    world.clock.advance(liveIntervalMs);
    expect(await reader.next()).toEqual({ version: 1 });
  });

  it("[AM8] is not queued behind another on one connection", async () => {
    await using world = await AdminWorld.open();
    const socket = connect(world.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50));
    await new Promise((resolve) => socket.once("readable", resolve));
    for (let turn = 0; turn < 50; turn++) await settle();
    // All but one place is free.
    for (let count = 1; count < liveReadersMax; count++) {
      expect((await world.begin("/live")).statusCode).toBe(200);
    }
    expect((await world.begin("/live")).statusCode).toBe(503);
    socket.destroy();
  });

  it("[AM8] ends with the server, and leaves no timer", async () => {
    const world = await AdminWorld.open();
    const reader = new EventReader(await world.begin("/live"));
    await reader.next();
    await world.admin.close();
    await expect(reader.next()).rejects.toThrow();
    expect(world.clock.pendingTimers).toBe(0);
  });
});
