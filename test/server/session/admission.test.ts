import { describe, expect, it } from "vitest";
import type { Acceptance } from "../../../server/fleet/fleet.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import {
  ACCEPT_TIMEOUT_MS,
  ACCEPTED,
  ADDRESS,
  AdmissionWorld,
  CALLER,
  CLOSED,
  FULL,
  HeldAnswers,
  REFUSED,
  TRY_AGAIN,
} from "./admission-world.ts";

describe("a reservation", () => {
  it("[AD10] expires after 5 s, and the same id may try again", async () => {
    const world = new AdmissionWorld(1);
    const first = await world.reserve("psess-1");
    expect(await world.reserve("psess-1")).toEqual(REFUSED);
    world.clock.advance(SESSION_LIMITS.reservationMs - 501);
    expect(await world.ask("psess-1")).toEqual(REFUSED);
    world.clock.advance(1);
    expect(world.reasons).toEqual(["in_use", "in_use", "abandoned"]);
    expect(await world.claim(first)).toEqual(REFUSED);
    expect((await world.join("psess-1")).outcome).toBe("claimed");
    expect(world.fleet.accepts).toEqual(["psess-1"]);
  });

  it("[AD10] that nobody claims frees its place", async () => {
    const world = new AdmissionWorld(2, { maximumPlayerSessionCount: 1 });
    await world.reserve("psess-1");
    expect(await world.reserve("psess-2")).toEqual(FULL);
    world.clock.advance(SESSION_LIMITS.reservationMs);
    expect((await world.join("psess-2")).outcome).toBe("claimed");
  });

  it("[AD10] is claimed once and leaves no timer", async () => {
    const world = new AdmissionWorld(1);
    const sessionId = await world.reserve("psess-1");
    const [one, other] = await Promise.all([world.claim(sessionId), world.claim(sessionId)]);
    expect([one.outcome, other.outcome]).toEqual(["claimed", "refused"]);
    expect(world.clock.pendingTimers).toBe(0);
    await world.clock.advanceAsync(60_000);
    expect(world.admission.seats.heldCount).toBe(1);
    expect(world.reasons).toEqual(["no_reservation"]);
  });
});

describe("an accept", () => {
  it("[AD11] that the fleet refuses frees the id for another try", async () => {
    const world = new AdmissionWorld(1);
    world.fleet.answerAccept = async () => ({ outcome: "refused" });
    expect(await world.join("psess-1")).toEqual(REFUSED);
    world.fleet.answerAccept = undefined;
    expect((await world.join("psess-1")).outcome).toBe("claimed");
    expect(world.fleet.removes).toEqual([]);
  });

  it("[AD11] that the fleet cannot answer says: try again", async () => {
    const world = new AdmissionWorld(1);
    world.fleet.answerAccept = async () => ({ outcome: "unavailable", cause: new Error("down") });
    expect(await world.join("psess-1")).toEqual(TRY_AGAIN);
    world.fleet.answerAccept = () => Promise.reject(new Error("broken adapter"));
    expect(await world.join("psess-1")).toEqual(TRY_AGAIN);
    expect(world.telemetry.of("fleetCallFailed")).toHaveLength(2);
    world.fleet.answerAccept = undefined;
    expect((await world.join("psess-1")).outcome).toBe("claimed");
  });

  async function overdue() {
    const world = new AdmissionWorld(1);
    const fleet = new HeldAnswers<Acceptance>();
    let signal: AbortSignal | undefined;
    world.fleet.answerAccept = (_id, given) => {
      signal = given;
      return fleet.ask();
    };
    const claiming = world.claim(await world.reserve("psess-1"));
    await world.clock.advanceAsync(ACCEPT_TIMEOUT_MS - 1);
    expect(signal?.aborted).toBe(false);
    await world.clock.advanceAsync(1);
    expect(await claiming).toEqual(TRY_AGAIN);
    expect(signal?.aborted).toBe(true);
    return { world, fleet };
  }

  it("[AD12] without an answer in time is refused; a late yes is given back once, and the id stays spent", async () => {
    const { world, fleet } = await overdue();
    // He was told to try again; the fleet is not asked about him a second time.
    expect(await world.reserve("psess-1")).toEqual(TRY_AGAIN);
    expect(world.fleet.accepts).toEqual(["psess-1"]);
    await fleet.answer(ACCEPTED);
    await world.clock.advanceAsync(60_000);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    expect(await world.reserve("psess-1")).toEqual(REFUSED);
    expect(world.reasons).toEqual(["fleet_unavailable", "fleet_unavailable", "used"]);
    expect(world.admission.seats.heldCount).toBe(0);
  });

  it("[AD12] without an answer in time frees the id when the answer is a late no", async () => {
    const { world, fleet } = await overdue();
    await fleet.answer({ outcome: "refused" });
    world.fleet.answerAccept = undefined;
    expect((await world.join("psess-1")).outcome).toBe("claimed");
    expect(world.fleet.removes).toEqual([]);
  });

  it("[AD12] answered at the very moment of the deadline leads to no seat and a removal", async () => {
    const world = new AdmissionWorld(1);
    const fleet = new HeldAnswers<Acceptance>();
    world.fleet.answerAccept = fleet.ask;
    const claiming = world.claim(await world.reserve("psess-1"));
    const answered = fleet.answer(ACCEPTED);
    world.clock.advance(ACCEPT_TIMEOUT_MS);
    await answered;
    expect(await claiming).toEqual(TRY_AGAIN);
    expect([world.admission.seats.heldCount, world.fleet.removes]).toEqual([0, ["psess-1"]]);
  });

  it("[AD13] under way when joins are closed gives the player session back", async () => {
    const world = new AdmissionWorld(1);
    const fleet = new HeldAnswers<Acceptance>();
    world.fleet.answerAccept = fleet.ask;
    const claiming = world.claim(await world.reserve("psess-1"));
    world.admission.close();
    await fleet.answer(ACCEPTED);
    expect(await claiming).toEqual(CLOSED);
    expect(world.fleet.removes).toEqual(["psess-1"]);
  });

  it("[AD13] is not made for a reservation that was dropped by closing", async () => {
    const world = new AdmissionWorld(2);
    const reserved = await world.reserve("psess-1");
    const asking = world.ask("psess-2");
    world.admission.close();
    await settle();
    expect(await world.claim(reserved)).toEqual(REFUSED);
    expect(await asking).toEqual(CLOSED);
    expect(await world.reserve("psess-1")).toEqual(CLOSED);
    expect([world.fleet.accepts, world.clock.pendingTimers]).toEqual([[], 0]);
  });

  it("[AD14] beyond 64 in flight is not made: try again, and the id is free", async () => {
    const most = SESSION_LIMITS.acceptsInFlightMax;
    const world = new AdmissionWorld(most + 1, { maximumPlayerSessionCount: 1_000 });
    const fleet = new HeldAnswers<Acceptance>();
    world.fleet.answerAccept = fleet.ask;
    const reserved = [];
    for (let number = 1; number <= most + 1; number++) {
      reserved.push((await world.ask(`psess-${number}`)) as string);
    }
    const last = reserved.pop() as string;
    const claims = reserved.map((sessionId) => world.claim(sessionId));
    expect(await world.claim(last)).toEqual(TRY_AGAIN);
    for (let number = 1; number <= most; number++) await fleet.answer(ACCEPTED);
    await Promise.all(claims);
    world.fleet.answerAccept = undefined;
    expect((await world.join(`psess-${most + 1}`)).outcome).toBe("claimed");
    expect(world.admission.seats.heldCount).toBe(most + 1);
  });
});

describe("capacity", () => {
  it("[AD15] counts seats, reservations and accepts under way", async () => {
    const world = new AdmissionWorld(5, { maximumPlayerSessionCount: 3 });
    const fleet = new HeldAnswers<Acceptance>();
    await world.seated("psess-1");
    world.fleet.answerAccept = fleet.ask;
    const claiming = world.claim(await world.reserve("psess-2"));
    await world.reserve("psess-3");
    expect(await world.reserve("psess-4")).toEqual(FULL);
    await fleet.answer({ outcome: "refused" });
    await claiming;
    expect(typeof (await world.reserve("psess-4"))).toBe("string");
    expect(await world.reserve("psess-5")).toEqual(FULL);
  });

  it("[AD15] leaves no gap between the fleet's yes and the seat", async () => {
    const world = new AdmissionWorld(2, { maximumPlayerSessionCount: 1 });
    const fleet = new HeldAnswers<Acceptance>();
    const first = await world.reserve("psess-1");
    world.fleet.answerAccept = fleet.ask;
    const claiming = world.claim(first);
    const answered = fleet.answer(ACCEPTED);
    // One asks in each promise turn between the answer and the seat.
    const asked = [];
    for (let turn = 0; turn < 12; turn++) {
      asked.push(world.ask("psess-2"));
      await null;
    }
    await answered;
    await claiming;
    await world.clock.advanceAsync(0);
    expect(await Promise.all(asked)).toEqual(asked.map(() => FULL));
  });

  it("[AD15] is the smaller of the room's and the session's, at the moment of asking", async () => {
    const world = new AdmissionWorld(2);
    world.seatsMax = 1;
    await world.seated("psess-1");
    expect(await world.reserve("psess-2")).toEqual(FULL);
    world.seatsMax = 2;
    expect((await world.join("psess-2")).outcome).toBe("claimed");
  });

  it("[AD16] does not keep a player from taking over his own seat, nor does a lock", async () => {
    const world = new AdmissionWorld(2, { maximumPlayerSessionCount: 1 });
    const first = await world.seated("psess-1");
    world.add(playerSession(10, { playerId: "player-1" }));
    world.admission.setOpen(false);
    expect(await world.reserve("psess-2")).toEqual(CLOSED);
    const second = await world.seated("psess-10");
    expect(second.previous).toEqual(first.holder);
    expect(second.holder.seat).toBe(first.holder.seat);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    expect(world.admission.seats.heldCount).toBe(1);
    // The old connection's end changes nothing any more.
    expect(world.admission.vacate(first.holder.sessionId)).toBeUndefined();
    expect(world.admission.vacate(second.holder.sessionId)).toEqual(second.holder);
    expect(world.fleet.removes).toEqual(["psess-1", "psess-10"]);
  });

  it("[AD16] is not granted to a taker-over whose seat was gone when he claimed", async () => {
    const world = new AdmissionWorld(1);
    const first = await world.seated("psess-1");
    world.add(playerSession(10, { playerId: "player-1" }));
    world.admission.setOpen(false);
    const reserved = await world.reserve("psess-10");
    world.admission.vacate(first.holder.sessionId);
    expect(await world.claim(reserved)).toEqual(CLOSED);
    expect(world.fleet.removes).toEqual(["psess-1", "psess-10"]);
  });
});

describe("a claim given back", () => {
  it("[AD17] frees the seat and removes the player session once", async () => {
    const world = new AdmissionWorld(1);
    const claim = await world.seated("psess-1");
    expect(world.admission.giveBack(claim, CALLER)).toEqual(REFUSED);
    world.admission.giveBack(claim, CALLER);
    expect(world.admission.vacate(claim.holder.sessionId)).toBeUndefined();
    await world.clock.advanceAsync(60_000);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    expect(world.admission.seats.heldCount).toBe(0);
  });
});

describe("a refusal", () => {
  it("[AD18] of a malformed id never reaches the fleet", async () => {
    const world = new AdmissionWorld(1);
    const malformed = [
      ...[undefined, null, "", 7, true, {}, [], ["psess-1"], { toString: () => "psess-1" }],
      ...["psess 1", "psess-1\n", "pséss", "../psess-1", "a".repeat(257), "psess_1", "\0"],
    ];
    for (const id of malformed) expect(await world.reserve(id)).toEqual(REFUSED);
    expect([world.fleet.describes, world.fleet.accepts]).toEqual([0, []]);
    expect(new Set(world.reasons)).toEqual(new Set(["malformed"]));
    expect(await world.reserve("a".repeat(256))).toEqual(REFUSED);
    expect(world.reasons.at(-1)).toBe("unknown");
  });

  it("[AD18] has one code whatever is wrong with an id", async () => {
    const world = new AdmissionWorld(2);
    world.add(playerSession(20, { gameSessionId: "gsess-2" }));
    world.add(playerSession(21, { status: "TIMEDOUT" }));
    world.add(playerSession(22, { status: "COMPLETED" }));
    world.add(playerSession(23, { status: "ACTIVE" }));
    await world.reserve("psess-1");
    const { holder } = await world.seated("psess-2");
    world.admission.vacate(holder.sessionId);
    const ids = ["psess-99", "psess-20", "psess-21", "psess-22", "psess-23", "psess-1", "psess-2"];
    for (const id of [...ids, 5]) expect(await world.reserve(id)).toEqual(REFUSED);
    expect(await world.claim("session-99")).toEqual(REFUSED);
    expect(world.admission.refuse("bad_token", CALLER)).toEqual(REFUSED);
    expect(world.reasons).toEqual([
      ...["unknown", "foreign", "expired", "used", "used", "in_use", "used", "malformed"],
      ...["no_reservation", "bad_token"],
    ]);
  });

  it("[AD18] is told without the id", async () => {
    const world = new AdmissionWorld();
    await world.reserve("psess-secret");
    const [told] = world.telemetry.of("joinRefused");
    expect(told).toMatchObject({ remoteAddress: ADDRESS });
    expect(told?.playerSessionHash).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(world.telemetry.events)).not.toContain("psess-secret");
  });
});
