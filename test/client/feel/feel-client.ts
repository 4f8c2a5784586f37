import { Decoder } from "@colyseus/schema";
import type { ArenaFrame } from "../../../client/arena/arena-frame.ts";
import { ArenaSight } from "../../../client/arena/arena-sight.ts";
import { BotPilot, type PilotView } from "../../../client/arena/bot-pilot.ts";
import type { Welcome } from "../../../protocol/messages.ts";
import { encodeArenaCommand, HEALTH_MAX } from "../../../rooms/arena/prediction.ts";
import { ArenaReplica } from "../../../rooms/arena/replica.ts";
import { createRandom, nextBetween } from "../../../rooms/kernel/random.ts";
import type { SimulatedLink } from "../../support/network-simulator.ts";
import { Packet, SNAPSHOT_HEAD_BYTES } from "./feel-server.ts";

const FRAME_MS = 1000 / 60;
/** Quartz: a tenth of a thousandth, and some. */
const DRIFT_SHARE = 1e-4;

/** A page with a bot for a person: a clock of its own, sixty frames per second, and what it sees is what it acts on. */
export class FeelClient {
  readonly seat: number;
  readonly link: SimulatedLink;
  readonly #pilot: BotPilot;
  /** Local time is `offset + real * pace`. */
  readonly #offsetMs: number;
  readonly #pace: number;
  #nextFrameMs: number;
  #replica = new ArenaReplica();
  #decoder = new Decoder(this.#replica);
  #welcome: Welcome;
  #sight: ArenaSight | undefined;
  isLost = false;
  last: ArenaFrame | undefined;

  constructor(welcome: Welcome, link: SimulatedLink, seed: number, joinedMs: number) {
    const random = createRandom(seed);
    this.seat = welcome.seat;
    this.link = link;
    this.#welcome = welcome;
    this.#pilot = new BotPilot(seed);
    this.#offsetMs = nextBetween(random, 0, 1e6);
    this.#pace = 1 + nextBetween(random, -DRIFT_SHARE, DRIFT_SHARE);
    this.#nextFrameMs = joinedMs + nextBetween(random, 0, FRAME_MS);
  }

  get nextMs(): number {
    return Math.min(this.#nextFrameMs, this.link.down.nextMs);
  }

  get sight(): ArenaSight | undefined {
    return this.#sight;
  }

  localMs(nowMs: number): number {
    return this.#offsetMs + nowMs * this.#pace;
  }

  receive(nowMs: number): void {
    for (const packet of this.link.down.receive(nowMs)) this.#hear(packet, nowMs);
  }

  /** @returns What is shown, when a frame was due. */
  frame(nowMs: number): ArenaFrame | undefined {
    if (nowMs < this.#nextFrameMs) return undefined;
    this.#nextFrameMs += FRAME_MS / this.#pace;
    const sight = this.#sight;
    if (sight === undefined) return undefined;
    const controls = this.#pilot.decide(this.#seen(sight), this.seat);
    const frame = sight.frame(this.isLost ? undefined : controls, this.localMs(nowMs));
    for (const command of frame.commands) {
      const bytes = encodeArenaCommand(command);
      this.link.up.send(Uint8Array.of(Packet.BYTES, ...bytes), nowMs);
    }
    this.last = frame;
    return frame;
  }

  /** Back over the mended link. */
  reconnected(welcome: Welcome): void {
    this.isLost = false;
    this.#welcome = welcome;
    this.#sight?.reconnected();
  }

  #hear(packet: Uint8Array, nowMs: number): void {
    const type = packet[0];
    if (type === Packet.PING) {
      this.link.up.send(Uint8Array.of(Packet.PONG, packet[1] ?? 0), nowMs);
    } else if (type === Packet.STATE) {
      this.#decoder.decode(packet.subarray(1));
      this.#sight ??= new ArenaSight(this.#welcome, () => this.#replica);
      this.#sight.stateChanged(this.localMs(nowMs));
    } else if (type === Packet.PATCH) {
      this.#decoder.decode(packet.subarray(1));
      this.#sight?.stateChanged(this.localMs(nowMs));
    } else {
      const payload = packet.subarray(SNAPSHOT_HEAD_BYTES);
      const isRead = this.#sight?.snapshot(payload, this.localMs(nowMs));
      if (isRead === false) throw new Error("a snapshot cannot be read");
    }
  }

  /** What is on the screen: a person has nothing else to go by. */
  #seen(sight: ArenaSight): PilotView {
    const { view } = sight;
    const ships = new Map<
      number,
      PilotView["ships"] extends ReadonlyMap<number, infer V> ? V : never
    >();
    for (const [seat, ship] of view.ships) {
      const pose = seat === this.seat ? this.last?.own : this.last?.others.get(seat);
      const body = pose && {
        ...{ vx: 0, vy: 0, ...pose },
        ...{ seat, health: HEALTH_MAX, ack: 0 },
      };
      ships.set(seat, { ...ship, body });
    }
    return { ...view, ships };
  }
}
