import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandQueue } from "../../../server/host/command-queue.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";

const {
  commandsQueuedMax,
  commandDelayWindowSteps,
  commandJitterStepsMax,
  commandLateWindowSteps,
} = HOST_LIMITS;

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

/** One command comes for each step, as from a client that plays; long enough for the queue to know it as such. */
function playing(most = 1): { queue: CommandQueue<number>; late: () => number } {
  let late = 0;
  const queue = new CommandQueue<number>(most, () => late++);
  playSteps(queue, commandLateWindowSteps);
  return { queue, late: () => late };
}

/** Nothing comes for so many steps. @returns What they used nevertheless. */
function silence(queue: CommandQueue<number>, steps: number): number[] {
  return Array.from({ length: steps }, () => commandsOf(queue)).flat();
}

function burst(queue: CommandQueue<number>, commands: number): number {
  for (let index = 0; index < commands; index++) send(queue, 0);
  return serial;
}

describe("commands that the network held back", () => {
  it("[TK15] are dropped once they come, as many as steps were made without one; the newest is used at once", () => {
    for (let steps = commandJitterStepsMax + 1; steps < 30; steps++) {
      const { queue, late } = playing();
      silence(queue, steps);
      const newest = burst(queue, steps + 1);
      expect(commandsOf(queue)).toEqual([newest]);
      expect(waiting(queue)).toBe(0);
      // The others gave way before, for want of room.
      expect(late()).toBe(Math.min(steps, commandsQueuedMax - 1));
    }
  });

  it("[TK15] are used, each a little later, after a silence that is no more than jitter", () => {
    for (let steps = 1; steps <= commandJitterStepsMax; steps++) {
      const { queue, late } = playing();
      silence(queue, steps);
      const newest = burst(queue, steps + 1);
      expect(commandsOf(queue)).toEqual([newest - steps]);
      expect(waiting(queue)).toBe(steps);
      expect(late()).toBe(0);
    }
  });

  it("[TK15] leave the queue as long as it was before, so that it bridges the same jitter", () => {
    const { queue } = playing();
    silence(queue, 2);
    burst(queue, 2);
    playSteps(queue, 3);
    // Two wait; they serve the first two steps of the silence.
    expect(silence(queue, 9)).toHaveLength(2);
    burst(queue, 10);
    queue.drain();
    expect(waiting(queue)).toBe(2);
  });

  it("[TK15] are known for stale when they come in two bursts, or with a straggler between", () => {
    const { queue, late } = playing();
    silence(queue, 8);
    send(queue, 0);
    expect(commandsOf(queue)).toHaveLength(1);
    silence(queue, 3);
    burst(queue, 7);
    expect(commandsOf(queue)).toEqual([serial]);
    const newest = burst(queue, 6);
    expect(commandsOf(queue)).toEqual([newest]);
    expect(waiting(queue)).toBe(0);
    expect(late()).toBe(8 + 3 + 2 - 2);
  });

  it("[TK15] come anew after every loss, and none of them leaves any delay", () => {
    const { queue } = playing();
    for (let round = 0; round < 20; round++) {
      silence(queue, 9);
      burst(queue, 10);
      queue.drain();
      expect(playSteps(queue, 11).at(-1)).toBe(serial);
    }
  });

  it("[TK15] are none where a player says something now and then: all of it is used", () => {
    const { queue, late } = playing();
    for (const pause of [400, 30, 7, 300, 12, 90, 5, 5, 200]) {
      silence(queue, pause);
      // After the first silence nobody expects one for each step any more.
      if (pause === 400) continue;
      burst(queue, 3);
      expect(silence(queue, 5)).toHaveLength(3);
    }
    const fresh = new CommandQueue<number>(1, () => expect.unreachable());
    for (const pause of [0, 6, 20, 5]) {
      silence(fresh, pause);
      burst(fresh, 3);
      expect(silence(fresh, 3)).toHaveLength(3);
    }
    expect(late()).toBe(0);
  });

  it("[TK15] are not expected any more after a sleep in which none were made", () => {
    const { queue, late } = playing();
    silence(queue, 1_000);
    playSteps(queue, 2 * commandLateWindowSteps);
    silence(queue, 2);
    burst(queue, 3);
    queue.drain();
    expect(waiting(queue)).toBe(2);
    expect(late()).toBe(0);
  });

  it("[TK15] are used where the game takes several in a step, as far as it takes them", () => {
    const { queue } = playing(3);
    silence(queue, 7);
    const newest = burst(queue, 8);
    expect(commandsOf(queue)).toEqual([newest - 2, newest - 1, newest]);
  });

  it("[TK13] [TK15] are told one by one when they are dropped for their delay", () => {
    let late = 0;
    const queue = new CommandQueue<number>(1, () => late++);
    burst(queue, 5);
    playSteps(queue, commandDelayWindowSteps);
    expect(late).toBe(4);
  });
});

interface SeatModel {
  waiting: number[];
  leftOver: number[];
  came: number;
  behind: number;
  peak: number;
  silent: number;
  isHeldBack: boolean;
  missed: number;
  window: number[];
}

/** The rules in words, kept as plain lists: what each step left over since the window began. */
class Model {
  readonly #perTickMax: number;
  readonly #seats = new Map<number, SeatModel>();

  constructor(perTickMax: number) {
    this.#perTickMax = perTickMax;
  }

  push(seat: number, command: number): boolean {
    const one = this.#seats.get(seat) ?? {
      ...{
        waiting: [],
        leftOver: [],
        came: 0,
        silent: 0,
        isHeldBack: false,
        missed: 0,
        window: [],
      },
      ...{ behind: commandsQueuedMax, peak: commandsQueuedMax },
    };
    this.#seats.set(seat, one);
    one.came++;
    one.waiting.push(command);
    const isFull = one.waiting.length > commandsQueuedMax;
    if (isFull) this.#drop(one, 1);
    return !isFull;
  }

  drain(): number[] {
    const seats = [...this.#seats].sort(([a], [b]) => a - b);
    return seats.flatMap(([, one]) => this.#step(one));
  }

  forget(seat: number): void {
    this.#seats.delete(seat);
  }

  #step(one: SeatModel): number[] {
    one.silent = one.came === 0 ? one.silent + 1 : 0;
    one.isHeldBack ||= one.silent > commandJitterStepsMax;
    one.behind = Math.max(0, one.behind + 1 - one.came);
    one.peak = Math.max(one.peak, one.behind);
    one.came = 0;
    if (one.isHeldBack && one.behind * 2 <= one.peak) {
      this.#drop(one, Math.max(0, Math.min(one.missed, one.waiting.length - this.#perTickMax)));
    }
    if (one.behind === 0) Object.assign(one, { peak: 0, isHeldBack: false, missed: 0 });
    if (one.waiting.length === 0) one.missed++;
    const taken = one.waiting.splice(0, this.#perTickMax);
    one.missed = Math.min(one.missed, one.waiting.length + one.behind);
    one.window.push(one.behind);
    if (one.window.length === commandLateWindowSteps) {
      const least = Math.min(...one.window.splice(0));
      one.behind -= least;
      one.peak -= least;
    }
    one.leftOver.push(one.waiting.length);
    if (one.leftOver.length === commandDelayWindowSteps) {
      this.#drop(one, Math.max(0, Math.min(...one.leftOver.splice(0)) - 1));
    }
    return taken;
  }

  #drop(one: SeatModel, count: number): void {
    one.waiting.splice(0, count);
    one.missed = Math.max(0, one.missed - count);
  }
}

describe("any play", () => {
  it("[TK14] drains and drops as the rules say", () => {
    // A phase is a burst, then steps with so many commands each: windows see steady, growing and empty queues.
    const phase = fc.record({
      seat: fc.nat(2),
      forgets: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
      burst: fc.oneof(fc.nat(commandsQueuedMax + 1), fc.nat(30)),
      perStep: fc.oneof(fc.constant(1), fc.nat(3)),
      steps: fc.oneof(fc.nat(12), fc.nat(commandLateWindowSteps + 8)),
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
