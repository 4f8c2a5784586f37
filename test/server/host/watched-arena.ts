/** A match of the arena whose clients keep their snapshots, and whose state is known at every tick. */
import { Protocol } from "@colyseus/core";
import { COMMAND, WELCOME, type Welcome } from "../../../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand } from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import { SnapshotReader, snapshotIn, WatchedGame } from "../../support/watched-game.ts";
import { openWorld, ScriptedClient } from "./match-world.ts";

export const TICK_MS = 1000 / arena.tickRateHz;
export const { layout } = arena.snapshots!;
export const KEYFRAME = 1;
export const DELTA = 2;

/** Whole messages as they were handed over, with the order of what was sent. */
export class SnapshotClient extends ScriptedClient {
  readonly handed: { readonly message: Uint8Array; readonly copy: Uint8Array }[] = [];
  /** What was written at once: opcodes, in order. */
  readonly writes: number[][] = [];
  #written = 0;

  override sendSnapshot(message: Uint8Array): boolean {
    const isSent = super.sendSnapshot(message);
    if (isSent) this.handed.push({ message, copy: Uint8Array.from(message) });
    return isSent;
  }

  override flush(): void {
    const opcodes = this.received.slice(this.#written).map(([opcode = 0]) => opcode);
    this.#written = this.received.length;
    if (opcodes.length > 0) this.writes.push(opcodes);
  }

  get snapshots(): Uint8Array[] {
    return this.received.flatMap((message) => snapshotIn(message) ?? []);
  }

  /** Reads all that came from the first keyframe on. */
  reader(): SnapshotReader {
    const welcome = { snapshots: layout, tickRateHz: arena.tickRateHz } as unknown as Welcome;
    const reader = new SnapshotReader(welcome);
    for (const payload of this.snapshots) reader.read(payload);
    return reader;
  }
}

export async function openArena(options: Parameters<typeof openWorld>[1] = {}) {
  const game = new WatchedGame<ArenaState>(arena as never);
  const world = await openWorld({ kind: "simulation", simulation: game.simulation }, options);
  const join = async (number: number) => {
    const client = new SnapshotClient(`seat-${number}-${Math.random()}`);
    await world.join(number, client);
    return client;
  };
  return { ...world, game, join };
}

/** What a client sees wrong after the last step, silence included. */
export function faultsNow(
  { game }: { game: WatchedGame<ArenaState> },
  reader: SnapshotReader,
): string[] {
  return reader.faults(game.at(game.tick), game.tick);
}

/** Everybody flies and shoots for a while. */
export function play(
  { clock }: { clock: { advance(ms: number): void } },
  clients: readonly ScriptedClient[],
  ticks: number,
): void {
  for (let tick = 1; tick <= ticks; tick++) {
    clients.forEach((client, seat) => {
      const buttons = [ArenaButton.UP, ArenaButton.RIGHT, 0][(seat + (tick >> 4)) % 3] ?? 0;
      const aimRadians = ((seat * 7 + tick) % 60) / 10 - 3;
      const command = {
        tick: numbers.next(client),
        buttons: buttons | ArenaButton.FIRE,
        aimRadians,
      };
      client.sendTyped(COMMAND, encodeArenaCommand({ ...command, seenTickEighths: 0 }));
    });
    clock.advance(TICK_MS);
  }
}

/** Each client's commands, numbered. */
const numbers = {
  of: new WeakMap<ScriptedClient, number>(),
  next(client: ScriptedClient): number {
    const number = (this.of.get(client) ?? 0) + 1;
    this.of.set(client, number);
    return number;
  },
};

/** As a stock SDK says `room.send("welcome")`, or `room.sendBytes`. */
export function askAgain(client: ScriptedClient, opcode: number = Protocol.ROOM_DATA): void {
  client.deliver(opcode, 0xa0 + WELCOME.length, ...Buffer.from(WELCOME));
}

export const welcomesOf = (client: ScriptedClient) =>
  client.ofKind(Protocol.ROOM_DATA).filter((each) => Buffer.from(each).includes(WELCOME)).length;
