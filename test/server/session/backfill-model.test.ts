import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sleep } from "../../../server/clock.ts";
import type { GameSessionUpdate } from "../../../server/fleet/fleet.ts";
import { BackfillWorld } from "./backfill-world.ts";

/** How the fleet takes one call. */
interface Manner {
  readonly answerMs: number;
  /** Whether it happens when the call arrives, or when it is answered. */
  readonly isAtOnce: boolean;
  readonly isRefused: boolean;
}

type Step =
  | { readonly do: "seat" | "leave"; readonly player: string }
  | { readonly do: "lock" | "unlock" }
  | { readonly do: "pass"; readonly ms: number }
  | {
      readonly do: "end";
      readonly reason: GameSessionUpdate["reason"];
      readonly newcomers: string;
      readonly lagMs: number;
    };

const PLAYERS = "abcdefgh";

const player = fc.constantFrom(...PLAYERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("seat"), player }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave"), player }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("lock", "unlock", "unlock") }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.nat(8_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("end"),
      reason: fc.constantFrom(
        "matchmaking_data",
        "backfill_failed",
        "backfill_timed_out",
        "backfill_cancelled",
      ),
      newcomers: fc.subarray([...PLAYERS], { maxLength: 2 }).map((ids) => ids.join("")),
      lagMs: fc.nat(3_000),
    }),
  },
);

function manner(answerMsMax: number, mayRefuse: boolean): fc.Arbitrary<Manner> {
  return fc.record({
    answerMs: fc.oneof(fc.constant(0), fc.nat(answerMsMax)),
    isAtOnce: fc.boolean(),
    isRefused: mayRefuse ? fc.constantFrom(true, false, false) : fc.constant(false),
  });
}

/** A fleet that counts its own open tickets, whatever the server believes. */
class ModelFleet {
  readonly world = BackfillWorld.full();
  readonly open = new Map<string, string>();
  mostOpen = 0;
  readonly #starts: Iterator<Manner>;
  readonly #stops: Iterator<Manner>;
  readonly #refusedStops = new Map<string, number>();
  readonly #replaces: boolean;
  /** When the last update arrives: they keep their order. */
  #updateAtMs = 0;

  /** @param replaces - Whether a ticket takes the place of the one before, as GameLift has it. */
  constructor(starts: readonly Manner[], stops: readonly Manner[], replaces: boolean) {
    this.#starts = forever(starts);
    this.#stops = forever(stops);
    this.#replaces = replaces;
    this.world.fleet.onStart = (ticketId) => this.#start(ticketId);
    this.world.fleet.onStop = (ticketId) => this.#stop(ticketId);
  }

  async take(next: Step): Promise<void> {
    const { world } = this;
    if (next.do === "seat") world.seat(next.player);
    else if (next.do === "leave") world.leave(next.player);
    else if (next.do === "pass") await world.pass(next.ms);
    else if (next.do === "end") this.#end(next);
    else world.backfill.setOpen(next.do === "unlock");
  }

  #end({ reason, newcomers, lagMs }: Step & { do: "end" }): void {
    const [ticketId] = this.open.keys();
    if (ticketId === undefined) return;
    const players = `${this.open.get(ticketId)}${newcomers}`;
    this.open.delete(ticketId);
    this.#push(lagMs, () => this.world.update(reason, ticketId, { red: players }));
  }

  #push(lagMs: number, update: () => void): void {
    const { clock } = this.world;
    this.#updateAtMs = Math.max(this.#updateAtMs, clock.nowMs() + lagMs);
    clock.after(this.#updateAtMs - clock.nowMs(), update);
  }

  async #start(ticketId: string): Promise<string> {
    const { answerMs, isAtOnce, isRefused } = this.#starts.next().value;
    const players = this.world.fleet.requests.at(-1)?.players ?? [];
    const opens = (): void => {
      if (this.#replaces) {
        for (const replaced of this.open.keys()) {
          this.#push(100, () => this.world.update("backfill_cancelled", replaced));
        }
        this.open.clear();
      }
      this.open.set(ticketId, players.map(({ playerId }) => playerId).join(""));
      this.mostOpen = Math.max(this.mostOpen, this.open.size);
    };
    if (isAtOnce && !isRefused) opens();
    await sleep(this.world.clock, answerMs);
    if (isRefused) throw new Error("refused");
    if (!isAtOnce) opens();
    return ticketId;
  }

  async #stop(ticketId: string): Promise<void> {
    const { answerMs, isAtOnce, isRefused } = this.#stops.next().value;
    const refused = this.#refusedStops.get(ticketId) ?? 0;
    const isTaken = !isRefused || refused === 2;
    if (isAtOnce && isTaken) this.open.delete(ticketId);
    await sleep(this.world.clock, answerMs);
    if (!isTaken) {
      this.#refusedStops.set(ticketId, refused + 1);
      throw new Error("refused");
    }
    this.open.delete(ticketId);
  }
}

function* forever(manners: readonly Manner[]): Generator<Manner, never> {
  for (;;) yield* manners;
}

/** Plays to the end; @returns what was asked of the fleet after the backfill said that it was done. */
async function play(fleet: ModelFleet, steps: readonly Step[]): Promise<readonly string[]> {
  const { world } = fleet;
  for (const each of steps) await fleet.take(each);
  let asked = Number.POSITIVE_INFINITY;
  void world.backfill.close().then(() => {
    asked = world.calls.length;
  });
  await world.pass(300_000);
  expect(asked).not.toBe(Number.POSITIVE_INFINITY);
  return world.calls.slice(asked);
}

const steps = fc.array(step, { minLength: 20, maxLength: 100, size: "max" });

describe("under any order of joins, leaves, locks, answers and updates", () => {
  it("[BF19] a fleet that answers in time never has two tickets, and none after the end", async () => {
    let started = 0;
    const starts = fc.array(manner(20_000, true), { minLength: 1, maxLength: 8 });
    const stops = fc.array(manner(4_000, true), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, starts, stops, async (taken, startManners, stopManners) => {
        const fleet = new ModelFleet(startManners, stopManners, false);
        expect(await play(fleet, taken)).toEqual([]);
        expect(fleet.mostOpen).toBeLessThanOrEqual(1);
        expect([...fleet.open.keys(), fleet.world.clock.pendingTimers]).toEqual([0]);
        const { telemetry } = fleet.world;
        const told = telemetry.of("backfillStarted").map(({ ticketId }) => ticketId);
        const ended = telemetry.of("backfillEnded").map(({ ticketId }) => ticketId);
        expect(ended).toEqual(told);
        started += told.length;
      }),
      { numRuns: 600 },
    );
    expect(started).toBeGreaterThan(300);
  });

  it("[BF19] a fleet whose answers come too late has none in the end", async () => {
    let late = 0;
    const starts = fc.array(manner(60_000, false), { minLength: 1, maxLength: 8 });
    const stops = fc.array(manner(20_000, false), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, starts, stops, async (taken, startManners, stopManners) => {
        const fleet = new ModelFleet(startManners, stopManners, true);
        await play(fleet, taken);
        expect([...fleet.open.keys(), fleet.world.clock.pendingTimers]).toEqual([0]);
        late += fleet.world.telemetry.of("fleetCallFailed").length;
      }),
      { numRuns: 600 },
    );
    expect(late).toBeGreaterThan(100);
  });
});
