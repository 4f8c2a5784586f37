import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import type { Acceptance } from "../../../server/fleet/fleet.ts";
import type { Claim } from "../../../server/session/admission.ts";
import type { Refused } from "../../../server/session/refused.ts";
import { settle } from "../../support/fake-clock.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { AdmissionWorld, CALLER, REFUSED } from "./admission-world.ts";

const PLAYERS = 4;
/** Each player may get this many player sessions. */
const IDS_EACH = 3;
const CAPACITY = 2;
const LAST_MS = 120_000;

type Answer = "yes" | "no" | "unavailable" | "broken";
type Action =
  | { readonly kind: "reserve"; readonly id: number }
  | { readonly kind: "claim" | "giveBack" | "vacate"; readonly which: number }
  | { readonly kind: "answer"; readonly which: number; readonly answer: Answer }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "open"; readonly isOpen: boolean }
  | { readonly kind: "hint" }
  | { readonly kind: "fleetIsDown"; readonly isDown: boolean }
  | { readonly kind: "expire"; readonly id: number };

const which = fc.nat(7);
const id = fc.nat(PLAYERS * IDS_EACH - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("reserve" as const), id }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("claim" as const), which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      which,
      answer: fc.constantFrom<Answer>("yes", "yes", "yes", "no", "unavailable", "broken"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("giveBack" as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("vacate" as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      ms: fc.constantFrom(0, 1, 249, 250, 2_000, 3_000, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("open" as const), isOpen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "hint" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("fleetIsDown" as const), isDown: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), id }) },
);

/** Drives an admission through actions and holds what the fleet knows of it. */
class Model {
  readonly world = new AdmissionWorld(0, { maximumPlayerSessionCount: CAPACITY });
  readonly ids: string[] = [];
  readonly reserved: string[] = [];
  readonly claims: Claim[] = [];
  /** Ids that the fleet said yes to, and ids that it took back. */
  readonly accepted: string[] = [];
  readonly removed: string[] = [];
  readonly #questions: { id: string; resolve: (answer: Acceptance) => void; reject: () => void }[] =
    [];
  #isDown = false;

  constructor() {
    const { fleet } = this.world;
    for (let number = 0; number < PLAYERS * IDS_EACH; number++) {
      const record = playerSession(number, { playerId: `player-${number % PLAYERS}` });
      this.ids.push(record.playerSessionId);
      fleet.add(record);
    }
    fleet.answerAccept = (asked) =>
      new Promise((resolve, reject) => {
        this.#questions.push({ id: asked, resolve, reject: () => reject(new Error("broken")) });
      });
    fleet.answerDescribe = async () => {
      if (this.#isDown) throw new Error("down");
      return [...fleet.records.values()];
    };
    fleet.answerRemove = async (given) => {
      if (this.#isDown) return { outcome: "unavailable", cause: new Error("down") };
      this.removed.push(given);
      return { outcome: "removed" };
    };
  }

  async run(step: Action): Promise<void> {
    const { admission, clock, fleet, roster } = this.world;
    switch (step.kind) {
      case "reserve":
        void this.world.ask(this.ids[step.id]).then((answer) => {
          if (typeof answer === "string") this.reserved.push(answer);
        });
        break;
      case "claim": {
        const sessionId = this.reserved[step.which % Math.max(1, this.reserved.length)];
        if (sessionId !== undefined) this.#claim(sessionId);
        break;
      }
      case "answer":
        this.#answer(step.which, step.answer);
        break;
      case "giveBack": {
        const claim = this.claims[step.which % Math.max(1, this.claims.length)];
        if (claim !== undefined) admission.giveBack(claim, CALLER);
        break;
      }
      case "vacate": {
        const claim = this.claims[step.which % Math.max(1, this.claims.length)];
        if (claim !== undefined) admission.vacate(claim.holder.sessionId);
        break;
      }
      case "advance":
        await clock.advanceAsync(step.ms);
        break;
      case "open":
        admission.setOpen(step.isOpen);
        break;
      case "hint":
        roster.invalidate();
        break;
      case "fleetIsDown":
        this.#isDown = step.isDown;
        break;
      case "expire": {
        const record = fleet.records.get(this.ids[step.id] as string);
        if (record?.status === "RESERVED") fleet.add({ ...record, status: "TIMEDOUT" });
      }
    }
    await settle();
    this.check();
  }

  check(): void {
    const { seats } = this.world.admission;
    const holders = seats.holders();
    expect(new Set(holders.map(({ playerId }) => playerId)).size).toBe(holders.length);
    expect(new Set(holders.map(({ seat }) => seat)).size).toBe(holders.length);
    expect(Math.max(-1, ...holders.map(({ seat }) => seat))).toBeLessThan(CAPACITY);
    expect(holders.length).toBeLessThanOrEqual(CAPACITY);
    const claimed = this.claims.map(({ holder }) => holder.playerSessionId);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(new Set(this.removed).size).toBe(this.removed.length);
    for (const given of this.removed) expect(this.accepted).toContain(given);
    for (const holder of holders) {
      expect(this.accepted).toContain(holder.playerSessionId);
      expect(this.removed).not.toContain(holder.playerSessionId);
    }
  }

  /** Answers what is open, frees every seat, and lets all timers run out. */
  async wind(answer: Answer): Promise<void> {
    this.#isDown = false;
    while (this.#questions.length > 0) this.#answer(0, answer);
    await settle();
    for (const holder of this.world.admission.seats.holders()) {
      this.world.admission.vacate(holder.sessionId);
    }
    await this.world.clock.advanceAsync(LAST_MS);
    this.check();
  }

  async checkIdsAreFree(): Promise<void> {
    const { world } = this;
    world.admission.setOpen(true);
    for (const each of this.ids) {
      const answer = await world.reserve(each);
      const status = world.fleet.records.get(each)?.status;
      if (status === "RESERVED") expect(answer).toEqual(expect.any(String));
      if (status === "ACTIVE") expect(answer).toEqual(REFUSED);
      await world.clock.advanceAsync(LAST_MS);
    }
  }

  #claim(sessionId: string): void {
    const keep = (answer: Claim | Refused) => {
      if (answer.outcome === "claimed") this.claims.push(answer);
      else expect(answer.code).toBeOneOf(Object.values(CloseCode));
    };
    void this.world.admission.claim(sessionId, CALLER).then(keep);
  }

  #answer(index: number, answer: Answer): void {
    const [question] = this.#questions.splice(index % Math.max(1, this.#questions.length), 1);
    if (question === undefined) return;
    const { fleet } = this.world;
    const record = fleet.records.get(question.id);
    if (answer === "broken") {
      question.reject();
      return;
    }
    if (answer === "unavailable") {
      question.resolve({ outcome: "unavailable", cause: new Error("throttled") });
      return;
    }
    if (answer === "no" || record?.status !== "RESERVED") {
      question.resolve({ outcome: "refused" });
      return;
    }
    fleet.add({ ...record, status: "ACTIVE" });
    this.accepted.push(question.id);
    question.resolve({ outcome: "accepted" });
  }
}

describe("any order of joins, answers and time", () => {
  it("[AD20] seats a player once at most, an id once ever, and gives every accepted id back once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 60, size: "max" }),
        fc.constantFrom<Answer>("yes", "no", "unavailable"),
        fc.boolean(),
        async (actions, lastAnswer, closesFirst) => {
          const model = new Model();
          const { admission, clock } = model.world;
          for (const step of actions) await model.run(step);
          if (closesFirst) admission.close();
          await model.wind(lastAnswer);
          // Frees what was claimed by the last answers.
          await model.wind(lastAnswer);
          expect([...model.removed].sort()).toEqual([...model.accepted].sort());
          expect(admission.seats.heldCount).toBe(0);
          expect(clock.pendingTimers).toBe(0);
          if (!closesFirst) await model.checkIdsAreFree();
        },
      ),
      { numRuns: 150 },
    );
  });

  it("[AD20] lets exactly one of many claims and reservations at one moment through", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.nat(3), async (many, turns) => {
        const world = new AdmissionWorld(1);
        const asked: Promise<string | Refused>[] = [];
        for (let attempt = 0; attempt < many; attempt++) {
          asked.push(world.ask("psess-1"));
          for (let turn = 0; turn < turns; turn++) await null;
        }
        await world.clock.advanceAsync(250);
        const sessionIds = (await Promise.all(asked)).filter((each) => typeof each === "string");
        expect(sessionIds).toHaveLength(1);
        const claims = await Promise.all(
          Array.from({ length: many }, () => world.claim(sessionIds[0] as string)),
        );
        expect(claims.filter(({ outcome }) => outcome === "claimed")).toHaveLength(1);
        expect(world.fleet.accepts).toEqual(["psess-1"]);
      }),
      { numRuns: 40 },
    );
  });
});
