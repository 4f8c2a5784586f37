import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arena } from "../../rooms/arena/simulation.ts";
import {
  decoder,
  type Event,
  frame,
  join,
  ping,
  preamble,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const fleet = new ScriptedFleet(16);
let server: InProcessServer;
let players = 0;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
    replication: "schema",
  });
  await server.place({ maximumPlayerSessionCount: 16 });
});
afterAll(() => server.close());

/** A player on a bare socket that can stop reading, and says something every second. */
async function enter(transport: Transport) {
  const player = ++players;
  const { hello } = join(transport, `psess-${player}`);
  const socket = net.connect(server.port, "127.0.0.1");
  const events: Event[] = [];
  const read = decoder(transport);
  const send = (payload: Buffer) => socket.write(frame(transport, payload));
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    for (const event of read.push(bytes)) {
      events.push(event);
      if (event.kind === "welcome") send(Buffer.of(10));
      if (event.reply !== undefined) send(event.reply);
    }
  });
  socket.write(Buffer.concat([preamble(transport), frame(transport, hello)]));
  const talking = setInterval(() => send(ping()), 1_000);
  socket.once("close", () => clearInterval(talking));
  // Long enough that it has answered once, also over TCP.
  await until(() => events.filter(({ kind }) => kind === "patch").length > 60);
  return { socket, events, player: `player-${player}` };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** What was seen, with where a tick is not the one after the last: only a full state may skip. */
function gapsIn(events: readonly Event[]): string[] {
  const states = events.filter(({ tick }) => tick !== undefined);
  return states.flatMap(({ kind, tick = 0 }, at) => {
    const step = tick - (states[at - 1]?.tick ?? tick - 1);
    return step === 1 || (kind === "state" && step > 1) ? [] : [`${kind} +${step}`];
  });
}

describe.concurrent.each(["tcp", "ws"] as const)(
  "a socket over %s that is not read",
  (transport) => {
    it("[SD4] for 6 s then sees correct states in order, and one full state for those it missed", async () => {
      const { socket, events } = await enter(transport);
      socket.pause();
      await sleep(6_000);
      socket.resume();
      await until(() => events.filter(({ kind }) => kind === "state").length === 2, 5_000);
      await sleep(1_000);
      expect(gapsIn(events)).toEqual([]);
      socket.destroy();
    });

    it("[SD3] at all is closed with 4415 within 12 s, and one that is read beside it misses no tick", async () => {
      const [mute, honest] = [await enter(transport), await enter(transport)];
      mute.socket.pause();
      const startMs = performance.now();
      const dropped = () =>
        server.telemetry.of("playerDropped").filter(({ playerId }) => playerId === mute.player);
      await until(() => dropped().length === 1, 15_000);
      // The clock of this machine is shared with other work.
      expect(performance.now() - startMs).toBeLessThan(13_000);
      expect(dropped()).toMatchObject([{ closeCode: 4415 }]);
      expect(gapsIn(honest.events)).toEqual([]);
      expect(honest.events.filter(({ kind }) => kind === "state")).toHaveLength(1);
      mute.socket.destroy();
      honest.socket.destroy();
    });
  },
);
