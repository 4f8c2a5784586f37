import type { ArenaFrame } from "../../../client/arena/arena-frame.ts";
import { SHIP_SPEED_METRES_PER_SECOND_MAX } from "../../../rooms/arena/prediction.ts";
import { SimulatedLink, type Weather } from "../../support/network-simulator.ts";
import { Distribution } from "./distribution.ts";
import { FeelClient } from "./feel-client.ts";
import { FeelServer } from "./feel-server.ts";
import type { FiredShot } from "./hit-record.ts";

export interface FeelMatchOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly tickRateHz: number;
  readonly players: number;
  /** Beyond 32 the world is too large for everybody to be told of all of it. */
  readonly seatsMax?: number;
  readonly replication: "snapshots" | "schema";
  readonly weather: { readonly up: Weather; readonly down: Weather };
}

type Lost = "missed" | "was not fired" | "shooter was destroyed" | "target was destroyed";

/** What was felt in one match or several; {@link Felt.inWords} for people. */
export class Felt {
  /** Of the own ship, one for each answer of the server, metres. */
  readonly corrections = new Distribution();
  /** How far the own ship was shown from where the server had it at that tick, metres. */
  readonly ownErrors = new Distribution();
  /** Of others between two frames, as a share of what top speed allows. */
  readonly remoteSteps = new Distribution();
  /** How far others were shown from where they were at the tick shown, metres. */
  readonly remoteErrors = new Distribution();
  readonly delaysMs = new Distribution();
  /** How long before a shot was fired its shooter saw the others, ms. */
  readonly rewindsMs = new Distribution();
  /** Of commands that were used: steps that were made between their arrival and theirs. */
  readonly waitedSteps = new Distribution();
  commandsCame = 0;
  commandsUsed = 0;
  /** Of hits seen within the rewind that is honoured: whether they counted. */
  seenHits = 0;
  countedHits = 0;
  /** Of those that did not: why. */
  readonly lost: Partial<Record<Lost, number>> = {};
  /** Seen with a longer rewind. */
  tooLate = 0;
  tooLateCounted = 0;

  get countedShare(): number {
    return this.countedHits / this.seenHits;
  }

  /** Less those of players who had been destroyed before they fired, and did not know yet. */
  get countedOfLivingShare(): number {
    return this.countedHits / (this.seenHits - (this.lost["shooter was destroyed"] ?? 0));
  }

  get droppedShare(): number {
    return 1 - this.commandsUsed / this.commandsCame;
  }

  inWords(title: string): string {
    const lost = Object.entries(this.lost).map(([why, count]) => `${why} ${count}`);
    const share = (100 * this.countedShare).toFixed(1);
    const living = (100 * this.countedOfLivingShare).toFixed(1);
    return [
      title,
      `  own ship corrected       ${this.corrections.inWords("m")}`,
      `  own ship shown off by    ${this.ownErrors.inWords("m")}`,
      `  others' steps / top speed ${this.remoteSteps.inWords("")}`,
      `  others shown off by      ${this.remoteErrors.inWords("m")}`,
      `  commands wait for        ${this.waitedSteps.inWords("steps", 0)}, ${(100 * this.droppedShare).toFixed(1)} % dropped`,
      `  interpolation delay      ${this.delaysMs.inWords("ms", 1)}`,
      `  rewind of seen hits      ${this.rewindsMs.inWords("ms", 1)}`,
      `  seen hits within 250 ms  ${this.countedHits} of ${this.seenHits} counted, ${share} % (${lost.join(", ")}), ${living} % of those who lived to fire`,
      `  seen hits beyond         ${this.tooLateCounted} of ${this.tooLate} counted`,
      "",
    ].join("\n");
  }
}

const FRAME_SECONDS = 1 / 60;
const REWIND_MS_MAX = 250;
/** The first seconds are for getting to know the network. */
const WARM_UP_MS = 3_000;
/** Matches do not begin with a full field: one player comes after the other. */
const JOIN_EVERY_MS = 37;

/** Plays a match in virtual time and notes what its players feel. */
export class FeelMatch {
  readonly server: FeelServer;
  readonly clients: FeelClient[] = [];
  /** Where it is noted; another one may be put in its place between two runs. */
  felt: Felt;
  readonly #options: FeelMatchOptions;
  readonly #before = new Map<FeelClient, ArenaFrame>();
  /** Own ships as shown, to be compared when the server gets there: seat, tick, x, y. */
  #shownOwn: [seat: number, tick: number, x: number, y: number][] = [];
  #pending: { seat: number; hit: ArenaFrame["hits"][number] }[] = [];
  #nowMs = 0;
  #steps = 0;

  constructor(options: FeelMatchOptions, felt = new Felt()) {
    this.#options = options;
    this.felt = felt;
    const { seed, tickRateHz, players, replication, seconds } = options;
    this.server = new FeelServer({
      ...{ seed, tickRateHz, replication },
      seatsMax: options.seatsMax ?? players,
      matchSeconds: seconds + 60,
    });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plays on. @param eachFrame - Called after each frame of each client. */
  run(
    untilMs: number,
    eachFrame: (client: FeelClient, frame: ArenaFrame) => void = () => {},
  ): void {
    for (;;) {
      const nextMs = this.#nextMs();
      if (nextMs > untilMs) break;
      this.#nowMs = nextMs;
      this.#seatMore();
      for (const client of this.clients) this.server.receive(client.seat, nextMs);
      if (nextMs >= this.#stepDueMs()) {
        this.server.step(nextMs);
        this.#steps++;
      }
      for (const client of this.clients) {
        client.receive(nextMs);
        const frame = client.frame(nextMs);
        if (frame === undefined) continue;
        this.#note(client, frame);
        eachFrame(client, frame);
      }
    }
    this.#nowMs = untilMs;
  }

  /** Compares what was seen with what the server made of it. To be called once, at the end. */
  settle(): Felt {
    for (const [seat, tick, x, y] of this.#shownOwn) {
      const place = this.#placeAt(seat, tick);
      if (place !== undefined) this.felt.ownErrors.add(Math.hypot(x - place.x, y - place.y));
    }
    for (const { seat, hit } of this.#pending) this.#settleHit(seat, hit);
    const { waitedSteps, commandsCame, commandsUsed } = this.server;
    for (const steps of waitedSteps.values) this.felt.waitedSteps.add(steps);
    this.felt.commandsCame += commandsCame;
    this.felt.commandsUsed += commandsUsed;
    return this.felt;
  }

  #settleHit(seat: number, hit: ArenaFrame["hits"][number]): void {
    const { tickRateHz } = this.#options;
    const shot = this.server.hits.shotOf(seat, hit.number);
    const rewindMs = ((hit.ownTick - hit.othersTick) * 1000) / tickRateHz;
    this.felt.rewindsMs.add(rewindMs);
    const isCounted = shot?.hitSeat === hit.seat;
    if (rewindMs > REWIND_MS_MAX) {
      this.felt.tooLate++;
      if (isCounted) this.felt.tooLateCounted++;
      return;
    }
    this.felt.seenHits++;
    if (isCounted) this.felt.countedHits++;
    else {
      const why = this.#whyLost(seat, hit, shot);
      this.felt.lost[why] = (this.felt.lost[why] ?? 0) + 1;
    }
  }

  /** Nobody hits, or is hit, who is destroyed: his player, or the other, did not know yet. */
  #whyLost(seat: number, hit: ArenaFrame["hits"][number], shot: FiredShot | undefined): Lost {
    const lived = (one: number): boolean =>
      this.#placeAt(one, Math.floor(hit.ownTick)) !== undefined;
    if (shot === undefined) return lived(seat) ? "was not fired" : "shooter was destroyed";
    return lived(hit.seat) ? "missed" : "target was destroyed";
  }

  #note(client: FeelClient, frame: ArenaFrame): void {
    const before = this.#before.get(client);
    this.#before.set(client, frame);
    if (this.#nowMs < WARM_UP_MS || before === undefined) return;
    if (frame.correctedMetres !== undefined) this.felt.corrections.add(frame.correctedMetres);
    const nowMs = client.localMs(this.#nowMs);
    const delayMs = client.sight?.feel(nowMs).interpolationDelayMs;
    if (delayMs !== undefined) this.felt.delaysMs.add(delayMs);
    const reach = SHIP_SPEED_METRES_PER_SECOND_MAX * FRAME_SECONDS;
    for (const [seat, pose] of frame.others) {
      const was = before.others.get(seat);
      if (was === undefined) continue;
      this.felt.remoteSteps.add(Math.hypot(pose.x - was.x, pose.y - was.y) / reach);
      const place =
        frame.shownTick === undefined ? undefined : this.#placeAt(seat, frame.shownTick);
      if (place !== undefined) {
        this.felt.remoteErrors.add(Math.hypot(pose.x - place.x, pose.y - place.y));
      }
    }
    if (frame.own !== undefined && frame.ownTick !== undefined) {
      this.#shownOwn.push([client.seat, frame.ownTick, frame.own.x, frame.own.y]);
    }
    for (const hit of frame.hits) this.#pending.push({ seat: client.seat, hit });
  }

  /** Where the server had a ship at a tick, with fraction; `undefined` if it was not alive all through. */
  #placeAt(seat: number, tick: number): { x: number; y: number } | undefined {
    const whole = Math.floor(tick);
    const from = this.server.places[whole];
    const to = this.server.places[whole + 1];
    if (from === undefined || to === undefined) return undefined;
    const share = tick - whole;
    const x = (from[seat * 2] ?? Number.NaN) * (1 - share) + (to[seat * 2] ?? Number.NaN) * share;
    const y =
      (from[seat * 2 + 1] ?? Number.NaN) * (1 - share) + (to[seat * 2 + 1] ?? Number.NaN) * share;
    return Number.isNaN(x) || Number.isNaN(y) ? undefined : { x, y };
  }

  #stepDueMs(): number {
    return ((this.#steps + 1) * 1000) / this.#options.tickRateHz;
  }

  #nextMs(): number {
    let next = this.#stepDueMs();
    for (const { nextMs, link } of this.clients) next = Math.min(next, nextMs, link.up.nextMs);
    const isFull = this.clients.length === this.#options.players;
    return isFull ? next : Math.min(next, Math.max(this.#nowMs, this.#joinDueMs()));
  }

  #joinDueMs(): number {
    return this.clients.length * JOIN_EVERY_MS;
  }

  #seatMore(): void {
    const { players, seed, weather } = this.#options;
    const seat = this.clients.length;
    if (seat === players || this.#nowMs < this.#joinDueMs()) return;
    const link = new SimulatedLink(weather, seed * 1000 + seat);
    const welcome = this.server.join(seat, link, this.#nowMs);
    this.clients.push(new FeelClient(welcome, link, seed * 1000 + seat, this.#nowMs));
  }
}
