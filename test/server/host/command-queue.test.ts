import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandQueue } from "../../../server/host/command-queue.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";

const { commandsQueuedMax, commandDelayWindowSteps } = HOST_LIMITS;

let serial = 0;
function send(queue: CommandQueue<number>, seat: number, command = ++serial): boolean {
  return queue.push({ seat, command, bytes: Uint8Array.of(command & 255) });
}

const commandsOf = (queue: CommandQueue<number>) => queue.drain().map(({ command }) => command);

describe("commands that wait for their step", () => {
  it("[TK10] are at most eight of a seat, and the oldest gives way", () => {
    const queue = new CommandQueue<number>(100);
    const kept = Array.from({ length: commandsQueuedMax + 2 }, (_, index) => send(queue, 3, index));
    expect(kept).toEqual([...new Array(commandsQueuedMax).fill(true), false, false]);
    expect(commandsOf(queue)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("[TK10] of one seat take no place of another", () => {
    const queue = new CommandQueue<number>(1);
    for (let index = 0; index < 50; index++) send(queue, 0);
    expect(send(queue, 1)).toBe(true);
  });

  it("[TK11] come out in seat order, in the order of arrival, no more than the game takes", () => {
    const queue = new CommandQueue<number>(2);
    for (const [seat, command] of [
      [9, 1],
      [0, 2],
      [9, 3],
      [9, 4],
      [4, 5],
    ] as const) {
      send(queue, seat, command);
    }
    const first = queue.drain();
    expect(first.map(({ seat, command }) => [seat, command])).toEqual([
      [0, 2],
      [4, 5],
      [9, 1],
      [9, 3],
    ]);
    expect(first[0]?.bytes).toEqual(Uint8Array.of(2));
    expect(commandsOf(queue)).toEqual([4]);
    expect(queue.drain()).toEqual([]);
  });

  it("[TK12] are forgotten with their seat, and no others", () => {
    const queue = new CommandQueue<number>(1);
    send(queue, 0, 1);
    send(queue, 1, 2);
    queue.forget(0);
    queue.forget(7);
    expect(commandsOf(queue)).toEqual([2]);
    send(queue, 0, 3);
    expect(commandsOf(queue)).toEqual([3]);
  });
});

/** One command per step comes in and one is taken: what was sent in advance stays in advance. */
function playSteps(queue: CommandQueue<number>, steps: number): number[] {
  const played: number[] = [];
  for (let step = 0; step < steps; step++) {
    send(queue, 0);
    played.push(...commandsOf(queue));
  }
  return played;
}

/** Commands of seat 0 that wait now. */
function waiting(queue: CommandQueue<number>): number {
  for (let count = 0; ; count++) if (commandsOf(queue).length === 0) return count;
}

describe("a queue that is never empty", () => {
  it("[TK13] is delay without use: after a window all but one of what was always left over goes", () => {
    for (let ahead = 0; ahead < commandsQueuedMax; ahead++) {
      const queue = new CommandQueue<number>(1);
      for (let index = 0; index < ahead; index++) send(queue, 0);
      playSteps(queue, commandDelayWindowSteps - 1);
      send(queue, 0);
      queue.drain();
      expect(waiting(queue)).toBe(Math.min(ahead, 1));
    }
  });

  it("[TK13] loses its oldest commands", () => {
    const queue = new CommandQueue<number>(1);
    for (let index = 0; index < 5; index++) send(queue, 0);
    const played = playSteps(queue, commandDelayWindowSteps + 1);
    const gaps = played.slice(1).map((command, index) => command - (played[index] ?? 0));
    expect(gaps.filter((gap) => gap !== 1)).toEqual([5]);
    expect(gaps.at(-1)).toBe(5);
  });

  it("[TK13] keeps everything if it was short once within the window", () => {
    const queue = new CommandQueue<number>(1);
    playSteps(queue, 10);
    // Silence for one step, then a burst that stays to the end of the window.
    queue.drain();
    for (let index = 0; index < 5; index++) send(queue, 0);
    playSteps(queue, commandDelayWindowSteps - 12);
    send(queue, 0);
    queue.drain();
    expect(waiting(queue)).toBe(5);
  });

  it("[TK13] is judged anew in each window and after its seat was forgotten", () => {
    const queue = new CommandQueue<number>(1);
    for (let index = 0; index < 4; index++) send(queue, 0);
    playSteps(queue, commandDelayWindowSteps - 1);
    queue.forget(0);
    for (let index = 0; index < 4; index++) send(queue, 0);
    playSteps(queue, 1);
    expect(waiting(queue)).toBe(4);
  });
});

/** The rule in words, kept as plain lists: what each step left over since the window began. */
class Model {
  readonly #perTickMax: number;
  readonly #seats = new Map<number, { waiting: number[]; leftOver: number[] }>();

  constructor(perTickMax: number) {
    this.#perTickMax = perTickMax;
  }

  push(seat: number, command: number): boolean {
    const { waiting, leftOver } = this.#seats.get(seat) ?? { waiting: [], leftOver: [] };
    const all = [...waiting, command];
    this.#seats.set(seat, { waiting: all.slice(-commandsQueuedMax), leftOver });
    return all.length <= commandsQueuedMax;
  }

  drain(): number[] {
    const seats = [...this.#seats].sort(([a], [b]) => a - b);
    return seats.flatMap(([seat, { waiting, leftOver }]) => {
      const rest = waiting.slice(this.#perTickMax);
      const window = [...leftOver, rest.length];
      const isFull = window.length === commandDelayWindowSteps;
      const useless = isFull ? Math.max(0, Math.min(...window) - 1) : 0;
      this.#seats.set(seat, { waiting: rest.slice(useless), leftOver: isFull ? [] : window });
      return waiting.slice(0, this.#perTickMax);
    });
  }

  forget(seat: number): void {
    this.#seats.delete(seat);
  }
}

describe("any play", () => {
  it("[TK14] drains and drops as the rules say", () => {
    // A phase is a burst, then steps with so many commands each: windows see steady, growing and empty queues.
    const phase = fc.record({
      seat: fc.nat(2),
      forgets: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
      burst: fc.nat(commandsQueuedMax + 1),
      perStep: fc.nat(3),
      steps: fc.nat(commandDelayWindowSteps + 8),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(phase), (perTickMax, phases) => {
        const queue = new CommandQueue<number>(perTickMax);
        const model = new Model(perTickMax);
        const push = (seat: number) => {
          const command = ++serial;
          expect(send(queue, seat, command)).toBe(model.push(seat, command));
        };
        for (const { seat, forgets, burst, perStep, steps } of phases) {
          if (forgets) {
            queue.forget(seat);
            model.forget(seat);
          }
          for (let index = 0; index < burst; index++) push(seat);
          for (let step = 0; step < steps; step++) {
            for (let index = 0; index < perStep; index++) push(seat);
            expect(commandsOf(queue)).toEqual(model.drain());
          }
        }
      }),
    );
  });
});
