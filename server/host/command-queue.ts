import type { IssuedCommand } from "../../rooms/simulation.ts";
import { HOST_LIMITS } from "./limits.ts";

/** A decoded command and the bytes it came as, which the journal keeps. */
export interface QueuedCommand<Command> extends IssuedCommand<Command> {
  /** Owned by the queue; a copy of what the client sent. */
  readonly bytes: Uint8Array;
}

interface SeatQueue<Command> {
  readonly waiting: QueuedCommand<Command>[];
  /** Fewest commands that were left over by a step of this window: pure delay, they never served to bridge jitter. */
  leastLeft: number;
  windowSteps: number;
}

/**
 * Commands that wait for their step, per seat and bounded. The oldest gives way, for the newest is what a player
 * means: at once when the queue is full, and after a window in which the queue was never short.
 */
export class CommandQueue<Command> {
  readonly #perTickMax: number;
  readonly #bySeat: (SeatQueue<Command> | undefined)[] = [];

  constructor(perTickMax: number) {
    this.#perTickMax = perTickMax;
  }

  /** @returns false if an older command of the seat had to give way. */
  push(command: QueuedCommand<Command>): boolean {
    let queue = this.#bySeat[command.seat];
    if (queue === undefined) {
      queue = { waiting: [], leastLeft: Number.POSITIVE_INFINITY, windowSteps: 0 };
      this.#bySeat[command.seat] = queue;
    }
    queue.waiting.push(command);
    if (queue.waiting.length <= HOST_LIMITS.commandsQueuedMax) return true;
    queue.waiting.shift();
    return false;
  }

  /** Commands that wait, of all seats. */
  get size(): number {
    let waiting = 0;
    for (const queue of this.#bySeat) waiting += queue?.waiting.length ?? 0;
    return waiting;
  }

  /** Takes what the next step may consume, in seat order. */
  drain(): QueuedCommand<Command>[] {
    const taken: QueuedCommand<Command>[] = [];
    for (const queue of this.#bySeat) {
      if (queue === undefined) continue;
      taken.push(...queue.waiting.splice(0, this.#perTickMax));
      shedDelay(queue);
    }
    return taken;
  }

  /** Drops what waits for a seat: its player left, or speaks over a new connection. */
  forget(seat: number): void {
    this.#bySeat[seat] = undefined;
  }
}

function shedDelay<Command>(queue: SeatQueue<Command>): void {
  queue.leastLeft = Math.min(queue.leastLeft, queue.waiting.length);
  if (++queue.windowSteps < HOST_LIMITS.commandDelayWindowSteps) return;
  // One left over is what bridges the jitter of an honest client.
  queue.waiting.splice(0, Math.max(0, queue.leastLeft - 1));
  queue.leastLeft = Number.POSITIVE_INFINITY;
  queue.windowSteps = 0;
}
