/**
 * What a shooter saw against what the server judged, with a client's delays between them: the way of commands and of
 * states varies, others are shown late, and a command waits for its step.
 */
import { expect, test } from "vitest";
import {
  ArenaButton,
  type ArenaCommand,
  decodeArenaCommand,
  encodeArenaCommand,
  toTickEighths,
} from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import { PROJECTILE_LIFE_SECONDS } from "../../../rooms/arena/tuning.ts";
import { createRandom, nextBelow, nextBetween, type Random } from "../../../rooms/kernel/random.ts";
import type { IssuedCommand } from "../../../rooms/simulation.ts";
import { CommandQueue } from "../../../server/host/command-queue.ts";
import { RoundTrip } from "../../../server/transport/round-trip.ts";
import { ArenaMatch } from "../../rooms/arena/arena-match.ts";
import { Tracks } from "../../rooms/arena/tracks.ts";

const RATE = arena.tickRateHz;
const TICK_MS = 1000 / RATE;
const SEATS = [0, 1, 2, 3, 4, 5, 6, 7];
const SECONDS = 40;
/** Of each round of the shooter: he turns, and pulls the trigger with the last. */
const COMMANDS_PER_SHOT = 12;
const FRAME_MS = 1000 / 60;
/** A shot goes 6 cm in one. */
const PIECES_PER_FRAME = 12;
/** As often as a client that something is sent to is asked. */
const PING_TICKS = 1.5 * RATE;
/** Where seat 0 stands. */
const EYE = { x: 50, y: 50 };

/** One way of a network that keeps the order. */
class Way {
  readonly #random: Random;
  readonly #leastMs: number;
  readonly #mostMs: number;
  #lastMs = 0;

  constructor(random: Random, middleMs: number, jitterMs: number) {
    this.#random = random;
    this.#leastMs = middleMs - jitterMs;
    this.#mostMs = middleMs + jitterMs;
  }

  arrivalOf(sentMs: number): number {
    const arrivesMs = sentMs + nextBetween(this.#random, this.#leastMs, this.#mostMs);
    this.#lastMs = Math.max(this.#lastMs, arrivesMs);
    return this.#lastMs;
  }
}

interface Shot {
  readonly firedMs: number;
  readonly radians: number;
  readonly seenTickEighths: number;
  /** How long before it was used its command saw the others. */
  lateTicks: number;
  struckSeat: number | undefined;
}

interface Link {
  readonly name: string;
  /** One way. */
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly interpolationMs: number;
}

/** A match in which seat 0 stands, sees the others late and shoots at them, with nothing between it and a real client. */
class Shooting {
  readonly #random: Random;
  readonly #match: ArenaMatch;
  readonly #tracks: Tracks;
  readonly #link: Link;
  readonly #up: Way;
  readonly #down: Way;
  readonly #underway: { arrivesMs: number; issued: IssuedCommand<ArenaCommand> }[] = [];
  readonly #queue = new CommandQueue<ArenaCommand>(1);
  readonly #roundTrip = new RoundTrip();
  /** By tick. */
  readonly #stateArrivesMs = [0];
  /** By the number of the command that fires. */
  readonly #shots = new Map<number, Shot>();
  /** By the id of the projectile. */
  readonly #open = new Map<number, Shot>();
  readonly #ways = SEATS.map(() => 0);
  #number = 0;
  #radians = 0;

  constructor(link: Link, seed: number) {
    this.#random = createRandom(seed);
    this.#link = link;
    this.#up = new Way(this.#random, link.delayMs, link.jitterMs);
    this.#down = new Way(this.#random, link.delayMs, link.jitterMs);
    const match = new ArenaMatch({ seed, gameProperties: { matchSeconds: "3600" } }).clearGround();
    match.join(...SEATS).place(0, EYE.x, EYE.y);
    for (const seat of SEATS) match.ship(seat).health = 1e9;
    this.#match = match;
    this.#tracks = new Tracks(match.state);
    this.#tracks.note(match.state);
  }

  /** Plays, and tells what was judged of each shot and what its shooter saw of it. */
  play(seconds: number) {
    const phaseMs = nextBetween(this.#random, 0, TICK_MS);
    for (let tick = 1; tick <= seconds * RATE; tick++) {
      this.#send((tick - 1) * TICK_MS + phaseMs);
      if (tick % PING_TICKS === 0) this.#measure(tick);
      this.#step(tick * TICK_MS);
    }
    const lastMs = (seconds - 3) * 1000;
    const judged = [...this.#shots.values()].filter(({ firedMs }) => firedMs < lastMs);
    return judged.map((shot) => ({ ...shot, seenSeat: this.#seenStruck(shot) }));
  }

  #send(nowMs: number): void {
    this.#number++;
    const round = this.#number % COMMANDS_PER_SHOT;
    const shownTick = this.#shownTick(nowMs);
    if (round === 0) this.#radians = this.#aimAhead(1 + nextBelow(this.#random, 7), shownTick);
    const radians = this.#radians;
    const seenTickEighths = toTickEighths(shownTick);
    const fires = round === COMMANDS_PER_SHOT - 1 && this.#number > 2 * RATE;
    if (fires) {
      const shot = {
        firedMs: nowMs,
        radians,
        seenTickEighths,
        lateTicks: 0,
        struckSeat: undefined,
      };
      this.#shots.set(this.#number, shot);
    }
    const bytes = encodeArenaCommand({
      tick: this.#number,
      buttons: fires ? ArenaButton.FIRE : 0,
      aimRadians: radians,
      seenTickEighths,
    });
    const command = decodeArenaCommand(bytes) as ArenaCommand;
    const arrivesMs = this.#up.arrivalOf(nowMs);
    this.#underway.push({ arrivesMs, issued: { seat: 0, command } });
  }

  /** As of which tick the others are shown. */
  #shownTick(nowMs: number): number {
    const { delayMs, interpolationMs } = this.#link;
    const newest = this.#stateArrivesMs.findLastIndex((arrivesMs) => arrivesMs <= nowMs);
    const smoothTick = (nowMs - delayMs - interpolationMs) / TICK_MS;
    return Math.max(0, Math.min(newest, smoothTick));
  }

  /** Where somebody will be when the shot that is still to be fired arrives, if he goes straight on. */
  #aimAhead(seat: number, tick: number): number {
    const now = { ...this.#tracks.at(seat, tick) };
    const before = this.#tracks.at(seat, Math.max(0, tick - 1));
    const ticks = COMMANDS_PER_SHOT + (Math.hypot(now.x - EYE.x, now.y - EYE.y) / 40) * RATE;
    const x = now.x + (now.x - before.x) * ticks - EYE.x;
    const y = now.y + (now.y - before.y) * ticks - EYE.y;
    return Math.fround(Math.atan2(y, x));
  }

  #measure(nonce: number): void {
    const { delayMs, jitterMs } = this.#link;
    this.#roundTrip.asked(nonce);
    this.#roundTrip.written(0);
    this.#roundTrip.answered(nonce, 2 * (delayMs + nextBetween(this.#random, -jitterMs, jitterMs)));
  }

  #step(nowMs: number): void {
    while ((this.#underway[0]?.arrivesMs ?? nowMs) < nowMs) {
      const arrived = this.#underway.shift()?.issued as IssuedCommand<ArenaCommand>;
      const { medianMs } = this.#roundTrip;
      const measured = medianMs === undefined ? {} : { roundTripMs: medianMs };
      this.#queue.push({ ...arrived, ...measured, bytes: new Uint8Array() });
    }
    const healths = SEATS.map((seat) => this.#match.ship(seat).health);
    const nextId = this.#match.state.nextProjectileId;
    this.#match.step([...this.#queue.drain(), ...this.#othersFly()]);
    this.#tracks.note(this.#match.state);
    this.#stateArrivesMs.push(this.#down.arrivalOf(nowMs));
    this.#judge(nextId, healths);
  }

  #othersFly(): IssuedCommand<ArenaCommand>[] {
    return SEATS.slice(1).map((seat) => {
      if (nextBelow(this.#random, RATE / 2) === 0) {
        this.#ways[seat] = nextBelow(this.#random, 16);
      }
      const tick = this.#match.ship(seat).lastCommandTick + 1;
      const buttons = this.#ways[seat] ?? 0;
      return { seat, command: { tick, buttons, aimRadians: 0, seenTickEighths: 0 } };
    });
  }

  #judge(nextId: number, healths: readonly number[]): void {
    const { tick, projectiles, nextProjectileId } = this.#match.state;
    const left = new Set(projectiles.map(({ id }) => id));
    for (const [id, shot] of this.#open) {
      if (left.has(id)) continue;
      shot.struckSeat = SEATS.find((seat) => this.#match.ship(seat).health < (healths[seat] ?? 0));
      this.#open.delete(id);
    }
    const shot = this.#shots.get(this.#match.ship(0).lastCommandTick);
    if (nextProjectileId === nextId || shot === undefined) return;
    shot.lateTicks = tick - shot.seenTickEighths / 8;
    this.#open.set(nextId, shot);
  }

  /** Whom the shooter saw his shot touch: frame by frame, both on straight ways in between. */
  #seenStruck({ firedMs, radians }: Shot): number | undefined {
    for (let frame = 0; frame * FRAME_MS < PROJECTILE_LIFE_SECONDS * 1000; frame++) {
      const from = this.#shownTick(firedMs + frame * FRAME_MS);
      const to = this.#shownTick(firedMs + (frame + 1) * FRAME_MS);
      for (let share = 0; share < 1; share += 1 / PIECES_PER_FRAME) {
        const metres = 0.95 + (40 * (frame + share)) / 60;
        const x = EYE.x + Math.cos(radians) * metres;
        const y = EYE.y + Math.sin(radians) * metres;
        if (Math.min(x, y) < 0.15 || Math.max(x, y) > 99.85) return undefined;
        for (const seat of SEATS.slice(1)) {
          const there = this.#tracks.at(seat, from * (1 - share) + to * share);
          if (Math.hypot(x - there.x, y - there.y) < 0.95) return seat;
        }
      }
    }
    return undefined;
  }
}

const LINKS: readonly Link[] = [
  { name: "a line of 10 ms", delayMs: 5, jitterMs: 2, interpolationMs: 70 },
  { name: "a line of 60 ms that varies by 20", delayMs: 30, jitterMs: 10, interpolationMs: 80 },
  { name: "a line of 120 ms that varies by 30", delayMs: 60, jitterMs: 15, interpolationMs: 66 },
  { name: "a line of 160 ms, shown soon", delayMs: 80, jitterMs: 10, interpolationMs: 50 },
];

test.each(LINKS)("[LC5] counts what a shooter saw over $name", (link) => {
  const shots = [1, 2, 3, 4].flatMap((seed) => new Shooting(link, seed).play(SECONDS));
  const within = shots.filter(({ lateTicks }) => lateTicks * TICK_MS <= 250);
  const seen = within.filter(({ seenSeat }) => seenSeat !== undefined);
  const counted = seen.filter(({ seenSeat, struckSeat }) => struckSeat === seenSeat);
  expect(seen.length).toBeGreaterThan(40);
  expect(counted.length / seen.length).toBeGreaterThanOrEqual(0.95);
  // Nor does much count that he did not see.
  const unseen = within.filter((shot) => !seen.includes(shot) && shot.struckSeat !== undefined);
  expect(unseen.length / seen.length).toBeLessThanOrEqual(0.1);
});
