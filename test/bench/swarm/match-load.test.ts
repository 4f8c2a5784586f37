import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Body } from "../../../bench/match/rules.ts";
import { Echo } from "../../../bench/swarm/match-load.ts";
import type { Probe } from "../../../bench/swarm/probes/probe.ts";
import { HeardMessages } from "../../../bench/swarm/slow-watch.ts";

/** A state is its tick and its own angle. */
class ScriptedProbe implements Probe {
  tick: number | undefined;
  readonly ownId = "me";
  #angle: number | undefined;

  hear(payload: Buffer): boolean {
    if (payload.length < 2) throw new Error("cannot be read");
    [this.tick, this.#angle] = payload;
    return true;
  }

  ownAngle(): number | undefined {
    return this.#angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    return new Map([["me", { x: 0, y: 0, vx: 0, vy: 0, angle: this.#angle ?? 0 }]]);
  }
}

describe("a client that decodes", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => vi.useRealTimers());

  it("[BN26] takes the time from an input to the first state that shows it", () => {
    const echo = new Echo(new ScriptedProbe());
    echo.sent(7, performance.now());
    vi.advanceTimersByTime(20);
    echo.hear(Buffer.from([1, 0]));
    vi.advanceTimersByTime(20);
    echo.hear(Buffer.from([2, 7]));
    vi.advanceTimersByTime(20);
    echo.hear(Buffer.from([3, 7]));
    expect(echo.delays).toEqual([40]);
  });

  it("[BN26] counts no input that another has overtaken", () => {
    const echo = new Echo(new ScriptedProbe());
    echo.sent(7, performance.now());
    vi.advanceTimersByTime(10);
    echo.sent(8, performance.now());
    vi.advanceTimersByTime(10);
    echo.hear(Buffer.from([1, 8]));
    echo.hear(Buffer.from([2, 7]));
    expect(echo.delays).toEqual([10]);
  });

  it("[BN26] keeps states by tick while they are wanted, and hears nothing after what it cannot read", () => {
    const echo = new Echo(new ScriptedProbe());
    echo.hear(Buffer.from([1, 5]));
    echo.isKeeping = true;
    echo.hear(Buffer.from([2, 6]));
    expect([...echo.states.keys()]).toEqual([2]);
    echo.hear(Buffer.from([3]));
    expect(echo.fault).toContain("cannot be read");
    echo.hear(Buffer.from([4, 6]));
    expect([...echo.states.keys()]).toEqual([2]);
  });
});

describe("a slow reader", () => {
  const patch = (tick: number) => Buffer.from([15, tick]);
  const heard = (...payloads: Buffer[]) => {
    const messages = new HeardMessages();
    for (const payload of payloads) messages.hear(payload);
    return messages;
  };
  const witness = heard(patch(1), patch(2), patch(3), patch(3));

  it("[BN27] has got what others got, or less of it", () => {
    expect(heard(patch(1), patch(3), patch(3)).beyond(witness)).toEqual({ wrong: 0, repeated: 0 });
  });

  it("[BN27] is wrong with what nobody else got, or got so often", () => {
    expect(heard(patch(1), patch(9)).beyond(witness)).toEqual({ wrong: 1, repeated: 0 });
    expect(heard(patch(2), patch(2), patch(2)).beyond(witness)).toEqual({ wrong: 0, repeated: 2 });
  });

  it("[BN27] is not judged by one who was behind himself", () => {
    expect(witness.wholeStates).toBe(0);
    expect(heard(Buffer.from([14, 1])).wholeStates).toBe(1);
    expect(heard(Buffer.from([17, 0xa1, 0x73, 1])).wholeStates).toBe(1);
  });

  it("[BN27] may get what is his alone: whole states, keyframes, words to him", () => {
    const own = [
      Buffer.from([14, 1]),
      Buffer.from([17, 0xa1, 0x73, 1]),
      Buffer.from([17, 0xa1, 0x73, 3]),
    ];
    expect(heard(...own).beyond(witness)).toEqual({ wrong: 0, repeated: 0 });
    const delta = Buffer.from([17, 0xa1, 0x73, 2, 1]);
    expect(heard(delta).beyond(witness).wrong).toBe(1);
    expect(heard(delta).beyond(heard(delta)).wrong).toBe(0);
  });
});
