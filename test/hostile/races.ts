import { expect } from "vitest";
import { WebSocket } from "ws";
import { until } from "../support/in-process-server.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { Guest } from "./guest.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { inParallel, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

const WAYS = ["tcp", "ws", "stock"] as const;

/** Pairs of connections that bring the same player session id at the same moment, over any two of the ways in. */
export async function raceForSeats(options: { pairs: number; controlMs: number }): Promise<void> {
  const seed = seedOf("races");
  const random = new Random(seed);
  const { pairs } = options;
  const server = await HostileServer.start(random, {
    players: pairs + 1,
    // While the fleet thinks about the one, the other comes.
    faults: { acceptMs: 5, describeMs: 5 },
  });
  const honest = await HonestPlayer.join(server);
  const seatedPerPair: number[] = [];
  const codes: Record<string, number> = {};

  async function race(number: number): Promise<void> {
    const id = server.nextId();
    const first = WAYS[number % 3] ?? "tcp";
    const second = WAYS[Math.floor(number / 3) % 3] ?? "tcp";
    const outcomes = await Promise.all(
      [first, second].map((way) =>
        way === "stock" ? joinAsStock(server.process, id) : Guest.join(server.port, way, id),
      ),
    );
    const seated = outcomes.filter((outcome) => typeof outcome !== "number");
    for (const code of outcomes.filter((outcome) => typeof outcome === "number")) {
      codes[code] = (codes[code] ?? 0) + 1;
    }
    seatedPerPair.push(seated.length);
    await Promise.all(seated.map((guest) => guest.leave()));
  }

  try {
    const control = await honest.undisturbed(options.controlMs);
    const attacked = await honest.during(() => inParallel(pairs, 10, race), options.controlMs);
    const joined = () => server.process.lines.filter(({ event }) => event === "player_joined");
    await until(() => joined().length > pairs, 5_000);
    const reasons = new Set(server.process.lines.map(({ reason }) => reason));
    const hashes = new Set(joined().map(({ playerSessionHash }) => playerSessionHash));
    report("races", {
      pairs,
      seats: joined().length - 1,
      refusals: codes,
      control,
      attacked,
      ...server.cpu(),
    });
    expect(seatedPerPair).toEqual(Array.from({ length: pairs }, () => 1));
    // The honest player is one more. An accept that led to no seat would have been refused or given back by the fleet.
    expect([joined().length, hashes.size]).toEqual([pairs + 1, pairs + 1]);
    expect([reasons.has("fleet_refused"), reasons.has("room_refused")]).toEqual([false, false]);
    expect(Object.keys(codes).filter((code) => code !== "4401" && code !== "525")).toEqual([]);
    expect(server.lives).toBe(true);
    expect(attacked.missedTicks).toBe(0);
  } finally {
    await honest.leave();
    await server.stop();
  }
}

/** In two steps, as the stock SDK does. @returns Who leaves the seat, or the status or code that refused it. */
export async function joinAsStock(
  server: Pick<ServerProcess, "url" | "port">,
  playerSessionId: string,
): Promise<{ leave(): Promise<void> } | number> {
  const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
    method: "POST",
    body: JSON.stringify({ playerSessionId }),
  });
  const seat = (await reply.json()) as { sessionId: string; processId: string };
  if (reply.status !== 200) return reply.status;
  const target = `ws://127.0.0.1:${server.port}/${seat.processId}/match?sessionId=${seat.sessionId}`;
  const socket = new WebSocket(target);
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  const seated = new Promise<undefined>((resolve) => {
    socket.on("message", (data: Buffer) => {
      if (data[0] === 10) socket.send(Uint8Array.of(10));
      if (data[0] === 14) resolve(undefined);
    });
  });
  const code = await Promise.race([closed, seated]);
  if (code !== undefined) return code;
  return {
    async leave() {
      socket.send(Uint8Array.of(12));
      await closed;
    },
  };
}
