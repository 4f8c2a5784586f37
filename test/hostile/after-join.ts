import { expect } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import type { Transport } from "./adapter.ts";
import { AFTER_JOIN, type HostedRoom } from "./after-join-inputs.ts";
import { Guest } from "./guest.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { inParallel, pause, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

const KINDS = Object.keys(AFTER_JOIN);
/**
 * A write of so many messages is a flood, also to a busy server that takes two seconds to read them: 400 may come at
 * once, and 400 more in each second.
 */
const FLOOD_MESSAGES = 1_200;
/** So many at once, and so often: 360 a second, below the limit. */
const WRITE_MESSAGES = 180;
const WRITE_EVERY_MS = 500;

/**
 * Hostile messages from clients with a valid seat. Each client sends a few, most of them of one class, and is cut for
 * one of them or leaves. Beside them plays somebody honest.
 */
export async function attackAfterJoin(options: {
  room: HostedRoom;
  messages: number;
  /** Clients; each needs a player session of its own, of 1024 at most. */
  guests: number;
  atOnce: number;
  controlMs: number;
}): Promise<void> {
  const { room } = options;
  const seed = seedOf(`after join, ${room}`);
  const random = new Random(seed);
  const server = await HostileServer.start(random, { players: options.guests + 1, room });
  const honest = await HonestPlayer.join(server, { isArena: room === "arena" });
  const ends: Record<string, number> = {};
  const tokens: string[] = [];
  let messages = 0;
  let waits = 0;
  const each = Math.ceil(options.messages / options.guests);

  /** A stock room keeps the seat of whoever was cut for a while; a refused id may try again. */
  async function seated(transport: Transport): Promise<Guest> {
    const id = server.nextId();
    for (;;) {
      const guest = await Guest.join(server.port, transport, id);
      if (typeof guest !== "number") return guest;
      expect(guest).toBe(CloseCode.MATCH_FULL);
      waits++;
      await pause(1_000);
    }
  }

  async function misbehave(number: number): Promise<void> {
    const own = new Random(seed + 1 + number);
    const transport: Transport = own.chance(0.5) ? "tcp" : "ws";
    const guest = await seated(transport);
    tokens.push(guest.token);
    const isFlood = number % 10 === 0;
    const kind = isFlood ? "real messages" : own.pick(KINDS);
    const count = isFlood ? Math.max(each, FLOOD_MESSAGES) : each;
    for (let sent = 0; sent < count && !guest.isClosed; sent++) {
      guest.send(AFTER_JOIN[isFlood || own.chance(0.8) ? kind : own.pick(KINDS)]!(own, room));
      messages++;
      // Below what counts as a flood, and with time for the server to say what it thinks.
      if (!isFlood && sent % WRITE_MESSAGES === WRITE_MESSAGES - 1) await pause(WRITE_EVERY_MS);
    }
    await Promise.race([guest.closed, pause(100)]);
    if (!guest.isClosed) await Promise.race([guest.leave(), pause(10_000)]);
    guest.socket.destroy();
    const end = String(guest.isClosed ? (guest.code ?? 1006) : "kept");
    ends[end] = (ends[end] ?? 0) + 1;
  }

  try {
    const control = await honest.undisturbed(options.controlMs);
    const attacked = await honest.during(async () => {
      await inParallel(options.guests, options.atOnce, misbehave);
    }, options.controlMs);
    report(`after_join_${room}`, { messages, control, attacked, ends, waits, ...server.cpu() });
    expect(server.lives).toBe(true);
    expect(messages).toBeGreaterThan(options.messages / 10);
    expect(ends["kept"]).toBeUndefined();
    // The classes did their work: somebody was cut for what he sent.
    expect(ends["4416"] ?? 0).toBeGreaterThan(0);
    expect((ends["4400"] ?? 0) + (ends["4002"] ?? 0)).toBeGreaterThan(0);
    expect(attacked.closeCode).toBeUndefined();
    expect(attacked.missedTicks).toBe(0);
    expect(attacked.pings).toBeGreaterThan(control.pings / 3);
    expect(server.leakedIds).toEqual([]);
    expect(tokens.filter((token) => server.log.includes(token))).toEqual([]);
  } finally {
    await honest.leave();
    await server.stop();
  }
}
