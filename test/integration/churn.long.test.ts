import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeArenaCommand } from "../../rooms/arena/commands.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { CuttableProxy } from "../support/cuttable-proxy.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, type Player, reconnectAs } from "../support/players.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const PLAYERS = 24;
const PLAY_MS = 60_000;

/** mulberry32: the churn of a run is the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const fleet = new ScriptedFleet();
let server: InProcessServer;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
    reconnectSeconds: 5,
  });
  await server.place({
    maximumPlayerSessionCount: PLAYERS,
    gameProperties: { matchSeconds: "3600", scoreLimit: "1000" },
  });
});
afterAll(() => server.close());

describe("an hour of comings and goings in a minute", () => {
  it("[SE6] gives back every player session once and leaves no seat behind", async () => {
    const seed = Date.now() >>> 0;
    process.stderr.write(`churn seed ${seed}\n`);
    const endMs = performance.now() + PLAY_MS;
    let sessions = 0;
    const outcomes = { leaves: 0, drops: 0, returns: 0, takeovers: 0 };

    async function live(number: number): Promise<void> {
      const random = randomOf(seed + number);
      const reserve = () => {
        const id = `psess-c${++sessions}`;
        fleet.add(playerSession(0, { playerSessionId: id, playerId: `player-${number}` }));
        return id;
      };
      while (performance.now() < endMs) {
        const proxy = new CuttableProxy(server.port);
        await proxy.open();
        let player: Player = await joinAs(proxy, reserve());
        await play(player, 200 + random() * 1_500);
        const fate = random();
        if (fate < 0.3) {
          await player.room.leave();
          outcomes.leaves++;
        } else if (fate < 0.6) {
          await until(() => player.states > 0);
          proxy.cut();
          outcomes.drops++;
          player = await reconnectAs(server, player.room.reconnectionToken);
          outcomes.returns++;
          await play(player, 200);
          await player.room.leave();
        } else if (fate < 0.8) {
          const fresh = await joinAs(server, reserve());
          await until(() => player.closes.length === 1);
          expect(player.closes).toEqual([4410]);
          outcomes.takeovers++;
          await fresh.room.leave();
        }
        // Else the connection is cut and nobody comes back: the window runs out.
        await proxy.close();
      }
    }

    await Promise.all(Array.from({ length: PLAYERS }, (_, number) => live(number)));
    await until(() => server.life.seatsHeld === 0, 10_000);
    await until(() => fleet.removes.length === fleet.accepts.length, 5_000);
    expect(new Set(fleet.removes)).toEqual(new Set(fleet.accepts));
    expect(new Set(fleet.accepts).size).toBe(fleet.accepts.length);
    expect(server.telemetry.of("roomFault")).toEqual([]);
    expect(server.telemetry.of("clientFault")).toEqual([]);
    expect(server.life.phase).toBe("active");
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(10);
    process.stderr.write(`churn ${JSON.stringify({ sessions, ...outcomes })}\n`);
  }, 120_000);
});

async function play(player: Player, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  let tick = player.room.state?.ships?.get(String(player.welcomes[0]?.seat))?.ack ?? 0;
  while (performance.now() < endMs && player.closes.length + player.drops.length === 0) {
    player.room.sendBytes(
      "c",
      encodeArenaCommand({ tick: ++tick, buttons: tick & 31, aimRadians: 1, seenTickEighths: 0 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
}
