/** Cheats over real sockets, all in one match with an honest player; the game is judged after every step. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND } from "../../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand } from "../../rooms/arena/commands.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../rooms/arena/state.ts";
import { SIMULATIONS } from "../../rooms/index.ts";
import type { Simulation } from "../../rooms/simulation.ts";
import { ArenaReferee } from "../rooms/arena/arena-referee.ts";
import {
  join,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const PLAY_MS = 5_000;
const PONG = 5;
const LATE_MS = 400;
const HEAD = Buffer.from([17, 0xa1, COMMAND.charCodeAt(0)]);
const fleet = new ScriptedFleet(8);
const told: { seat: number; roundTripMs: number | undefined }[] = [];
let server: InProcessServer;
let state: ArenaState;
let referee: ArenaReferee;
let seats = 0;

const simulation: Simulation = {
  ...SIMULATIONS["arena"]!,
  create(setup) {
    state = arena.create(setup);
    referee = new ArenaReferee(state);
    return state;
  },
  advance(match, commands, step) {
    for (const { seat, roundTripMs } of commands) told.push({ seat, roundTripMs });
    arena.advance(match as never, commands as never, step);
    referee.look();
  },
};

/** Answers life signs late, on purpose. */
class LateAnswers extends BareClient {
  override send(payload: Buffer): void {
    if (payload[0] === PONG) setTimeout(() => super.send(payload), LATE_MS);
    else super.send(payload);
  }
}

async function enter(transport: Transport, Kind = BareClient): Promise<Cheat> {
  const seat = seats++;
  const client = new Kind(server.port, transport, join(transport, `psess-${seat + 1}`));
  await until(() => client.of("state").length === 1);
  return new Cheat(client, seat);
}

/** One connection, and the seat that it has. */
class Cheat {
  readonly client: BareClient;
  readonly seat: number;
  #number = 0;

  constructor(client: BareClient, seat: number) {
    this.client = client;
    this.seat = seat;
  }

  get closeCode(): number | undefined {
    return this.client.of("closed")[0]?.code;
  }

  /** Flies one way for a second, then another, and shoots at what it says to have seen an age ago. */
  steer(number = ++this.#number, aimRadians = 1): void {
    const way = 1 << ((Math.floor(state.tick / arena.tickRateHz) + this.seat) % 4);
    const command = encodeArenaCommand({
      tick: number >>> 0,
      buttons: way | ArenaButton.FIRE,
      aimRadians,
      seenTickEighths: (8 * (state.tick - 500)) & 0xffff,
    });
    this.client.send(Buffer.concat([HEAD, command]));
  }

  steerTimes(times: number): void {
    for (let count = 0; count < times; count++) this.steer();
  }
}

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation },
  });
  await server.place({
    maximumPlayerSessionCount: 8,
    gameProperties: { matchSeconds: "3600", scoreLimit: "1000" },
  });
});
afterAll(() => server.close());

describe("cheats over real sockets", () => {
  it("[SM28] get no more than their ships can: floods, bursts, numbers, and late life signs", async () => {
    const honest = await enter("ws");
    const tenfold = await enter("tcp");
    const hundredfold = await enter("ws");
    const bursting = await enter("tcp");
    const numbering = await enter("ws");
    const senseless = await enter("tcp");
    const late = await enter("tcp", LateAnswers);
    const tickMs = 1000 / arena.tickRateHz;
    const startMs = performance.now();
    for (let turn = 0; performance.now() - startMs < PLAY_MS; turn++) {
      honest.steer();
      late.steer();
      tenfold.steerTimes(10);
      if (hundredfold.closeCode === undefined) hundredfold.steerTimes(100);
      // Silent for two seconds, then all of them together.
      if (turn % 60 === 59) bursting.steerTimes(60);
      const last = state.ships[numbering.seat]?.lastCommandTick ?? 0;
      const numbers = [last + 1, last, last - 3, last + 1024, last + 1025, 0xffffffff, 0];
      numbering.steer(numbers[turn % numbers.length]);
      for (const aim of [Number.NaN, Infinity, -Infinity, 4]) senseless.steer(turn + 1, aim);
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    expect(referee.faults).toEqual([]);
    const playing = [honest, tenfold, bursting, numbering, senseless, late];
    expect(playing.map(({ closeCode }) => closeCode)).toEqual(playing.map(() => undefined));
    expect(hundredfold.closeCode).toBe(4416);
    const shots = [honest, tenfold, bursting, late].map(({ seat }) => referee.shotsOf(seat));
    expect(Math.min(...shots)).toBeGreaterThan(1);
    expect(referee.shotsOf(tenfold.seat)).toBeLessThanOrEqual(referee.shotsOf(honest.seat) + 3);
    expect(referee.shotsOf(senseless.seat)).toBe(0);
    expect(state.ships[numbering.seat]?.lastCommandTick).toBeGreaterThan(30);
    expect(referee.fastestMetresPerSecond).toBeGreaterThan(10);
    const { ranTicks } = server.life.current?.room.tickProgress() ?? { ranTicks: 0 };
    for (const { seat } of playing) {
      expect(told.filter((command) => command.seat === seat).length).toBeLessThanOrEqual(ranTicks);
    }
    const measured = ({ seat }: Cheat) => told.findLast((command) => command.seat === seat);
    expect(measured(honest)?.roundTripMs).toBeLessThan(LATE_MS / 2);
    expect(measured(late)?.roundTripMs).toBeGreaterThanOrEqual(LATE_MS);
  }, 30_000);
});
