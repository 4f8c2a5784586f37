import type { IssuedCommand } from "../../rooms/simulation.ts";
import { CommandLateness } from "./command-lateness.ts";
import { HOST_LIMITS } from "./limits.ts";

/** A decoded command and the bytes it came as, which the journal keeps. */
export interface QueuedCommand<Command> extends IssuedCommand<Command> {
  /** Owned by the queue; a copy of what the client sent. */
  readonly bytes: Uint8Array;
}

/** What waits of one seat, in memory that is there once: most steps find one command or none. */
class SeatQueue<Command> {
  readonly #ring = new Array<QueuedCommand<Command> | undefined>(HOST_LIMITS.commandsQueuedMax);
  #oldest = 0;
  #count = 0;
  /** Fewest commands that were left over by a step of this window: pure delay, they never served to bridge jitter. */
  #leastLeft = Number.POSITIVE_INFINITY;
  #windowSteps = 0;
  readonly #lateness = new CommandLateness();
  readonly #onLate: () => void;

  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#count;
  }

  /** @returns false if the oldest had to give way. */
  push(command: QueuedCommand<Command>): boolean {
    const ring = this.#ring;
    const isFull = this.#count === ring.length;
    this.#lateness.came();
    if (isFull) this.#drop();
    ring[(this.#oldest + this.#count) % ring.length] = command;
    this.#count++;
    return !isFull;
  }

  /** Moves up to `most` of the oldest to the end of `taken`, less those that are stale. */
  takeInto(taken: QueuedCommand<Command>[], most: number): void {
    const stale = Math.min(this.#lateness.stale(), this.#count - most);
    for (let left = stale; left > 0; left--) this.#dropLate();
    const isWithout = this.#count === 0;
    for (let left = Math.min(most, this.#count); left > 0; left--) {
      taken.push(this.#shift() as QueuedCommand<Command>);
    }
    this.#lateness.stepped(isWithout, this.#count);
    this.#shedDelay();
  }

  #shedDelay(): void {
    this.#leastLeft = Math.min(this.#leastLeft, this.#count);
    if (++this.#windowSteps < HOST_LIMITS.commandDelayWindowSteps) return;
    // One left over is what bridges the jitter of an honest client.
    for (let shed = this.#leastLeft - 1; shed > 0; shed--) this.#dropLate();
    this.#leastLeft = Number.POSITIVE_INFINITY;
    this.#windowSteps = 0;
  }

  #dropLate(): void {
    this.#drop();
    this.#onLate();
  }

  #drop(): void {
    this.#shift();
    this.#lateness.dropped();
  }

  #shift(): QueuedCommand<Command> | undefined {
    const command = this.#ring[this.#oldest];
    this.#ring[this.#oldest] = undefined;
    this.#oldest = (this.#oldest + 1) % this.#ring.length;
    this.#count--;
    return command;
  }
}

/**
 * Commands that wait for their step, per seat and bounded. The oldest gives way, for the newest is what a player
 * means: at once when the queue is full, after a window in which the queue was never short, and where its step was made
 * without it because the network held it back.
 */
export class CommandQueue<Command> {
  readonly #perTickMax: number;
  readonly #onLate: () => void;
  readonly #bySeat: (SeatQueue<Command> | undefined)[] = [];

  /** @param onLate - Called for each command that is dropped for the delay it would bring. */
  constructor(perTickMax: number, onLate: () => void = () => {}) {
    this.#perTickMax = perTickMax;
    this.#onLate = onLate;
  }

  /** @returns false if an older command of the seat had to give way. */
  push(command: QueuedCommand<Command>): boolean {
    let queue = this.#bySeat[command.seat];
    if (queue === undefined) {
      queue = new SeatQueue(this.#onLate);
      this.#bySeat[command.seat] = queue;
    }
    return queue.push(command);
  }

  /** Commands that wait, of all seats. */
  get size(): number {
    let waiting = 0;
    for (const queue of this.#bySeat) waiting += queue?.size ?? 0;
    return waiting;
  }

  /** Takes what the next step may consume, in seat order. */
  drain(): QueuedCommand<Command>[] {
    const taken: QueuedCommand<Command>[] = [];
    for (const queue of this.#bySeat) {
      if (queue === undefined) continue;
      queue.takeInto(taken, this.#perTickMax);
    }
    return taken;
  }

  /** Drops what waits for a seat: its player left, or speaks over a new connection. */
  forget(seat: number): void {
    this.#bySeat[seat] = undefined;
  }
}
