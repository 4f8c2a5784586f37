import { Encoder } from "@colyseus/schema";
import { SNAPSHOT, type Welcome } from "../../../protocol/messages.ts";
import { decodeArenaCommand } from "../../../rooms/arena/commands.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import type { SimulationSetup, Snapshots } from "../../../rooms/simulation.ts";
import { CommandQueue } from "../../../server/host/command-queue.ts";
import { Audience } from "../../../server/host/snapshots/audience.ts";
import { RoundTrip } from "../../../server/transport/round-trip.ts";
import type { SimulatedLink } from "../../support/network-simulator.ts";
import { Distribution } from "./distribution.ts";
import { HitRecord } from "./hit-record.ts";

/** First bytes of what travels, as on the wire; a ping and its answer are those of the byte stream. */
export const Packet = { STATE: 0x0e, PATCH: 0x0f, BYTES: 0x11, PING: 4, PONG: 5 } as const;

/** `11 a1 73` */
export const SNAPSHOT_HEAD_BYTES = 2 + SNAPSHOT.length;

const PING_INTERVAL_MS = 1_500;
const BYTES_PER_SECOND = 65_536;

interface Seated {
  readonly seat: number;
  readonly link: SimulatedLink;
  readonly roundTrip: RoundTrip;
  readonly viewer: { readonly seat: number; send(message: Uint8Array): boolean };
  isAway: boolean;
}

export interface FeelServerOptions {
  readonly seed: number;
  readonly tickRateHz: number;
  readonly seatsMax: number;
  readonly replication: "snapshots" | "schema";
  readonly matchSeconds: number;
}

/** The arena, its host's queue and its snapshots, without Colyseus and without a clock: stepped at each tick. */
export class FeelServer {
  readonly setup: SimulationSetup;
  readonly state: ArenaState;
  readonly hits: HitRecord;
  /** By tick: x and y of each seat, NaN where there is no living ship. */
  readonly places: Float64Array[] = [];
  readonly #replica: ArenaReplica;
  readonly #encoder: Encoder;
  readonly #snapshots: Snapshots | undefined;
  readonly #audience: Audience | undefined;
  readonly #queue = new CommandQueue<unknown>(arena.commandsPerTickMax);
  readonly #seated: Seated[] = [];
  /** Steps that were made between a command's arrival and the step that used it. */
  readonly waitedSteps = new Distribution();
  /** Commands that arrived, and those that a step has used. */
  commandsCame = 0;
  commandsUsed = 0;
  readonly #cameAtTick = new WeakMap<Uint8Array, number>();
  #nextPingMs = 0;
  #nonce = 0;
  bytesSent = 0;

  constructor({ seed, tickRateHz, seatsMax, replication, matchSeconds }: FeelServerOptions) {
    this.setup = {
      ...{ seed, tickRateHz, seatsMax, gameSessionData: "", teams: [] },
      gameProperties: { matchSeconds: String(matchSeconds), scoreLimit: "1000" },
    };
    this.state = arena.create(this.setup);
    this.hits = new HitRecord(this.state);
    this.#replica = arena.replica.create(this.setup);
    if (replication === "snapshots" && arena.snapshots !== undefined) {
      const snapshots = arena.snapshots as Snapshots;
      this.#snapshots = snapshots;
      this.#audience = new Audience({
        ...{ snapshots, setup: this.setup },
        bytesPerSecond: BYTES_PER_SECOND,
      });
    }
    this.#write();
    this.#encoder = new Encoder(this.#replica);
  }

  get tick(): number {
    return this.state.tick;
  }

  /** Seats a player and sends him the whole state. */
  join(seat: number, link: SimulatedLink, nowMs: number): Welcome {
    arena.join(this.state, seat, "");
    arena.replica.join(this.#replica, seat, { name: `p${seat}`, team: "" });
    this.#write();
    const viewer = {
      seat,
      send: (message: Uint8Array): boolean => {
        this.#send(seated, message, this.#nowMs);
        return true;
      },
    };
    const seated = { seat, link, roundTrip: new RoundTrip(), viewer, isAway: false };
    this.#seated.push(seated);
    this.#sendState(seated, nowMs);
    return this.#welcome(seat);
  }

  /** A dropped player is back over the mended link. */
  comeBack(seat: number, nowMs: number): Welcome {
    const seated = this.#of(seat);
    seated.isAway = false;
    this.#queue.forget(seat);
    this.#sendState(seated, nowMs);
    return this.#welcome(seat);
  }

  drop(seat: number): void {
    const seated = this.#of(seat);
    seated.isAway = true;
    this.#audience?.leave(seated.viewer);
  }

  /** Takes in what has arrived of a player by now. */
  receive(seat: number, nowMs: number): void {
    const { link, roundTrip } = this.#of(seat);
    for (const packet of link.up.receive(nowMs)) {
      if (packet[0] === Packet.PONG) {
        roundTrip.answered(packet[1], nowMs);
        continue;
      }
      const bytes = packet.subarray(1);
      const command = decodeArenaCommand(bytes);
      if (command === undefined) throw new Error("the client sent no command");
      const { medianMs } = roundTrip;
      const bound = medianMs === undefined ? {} : { roundTripMs: medianMs };
      this.commandsCame++;
      this.#cameAtTick.set(bytes, this.state.tick);
      this.#queue.push({ seat, command, bytes, ...bound });
    }
  }

  #nowMs = 0;

  /** One step, and what it sends. */
  step(nowMs: number): void {
    this.#nowMs = nowMs;
    const { tick, tickRateHz } = this.state;
    const drained = this.#queue.drain();
    for (const { bytes } of drained) {
      this.commandsUsed++;
      this.waitedSteps.add(tick - (this.#cameAtTick.get(bytes) ?? tick));
    }
    const commands = drained as Parameters<typeof arena.advance>[1];
    this.hits.before();
    arena.advance(this.state, commands, { tick, dtSeconds: 1 / tickRateHz });
    this.hits.after();
    this.places[this.state.tick] = this.#placesNow();
    this.#write();
    if (this.#encoder.hasChanges) {
      const patch = new Uint8Array(this.#encoder.encode());
      this.#encoder.discardChanges();
      for (const seated of this.#seated) this.#send(seated, tagged(Packet.PATCH, patch), nowMs);
    }
    this.#audience?.tick(this.state, this.state.tick);
    this.#ask(nowMs);
  }

  #write(): void {
    if (this.#snapshots === undefined) arena.replica.write(this.state, this.#replica);
    else this.#snapshots.writeRest(this.state, this.#replica);
  }

  #ask(nowMs: number): void {
    if (nowMs < this.#nextPingMs) return;
    this.#nextPingMs = nowMs + PING_INTERVAL_MS;
    this.#nonce = (this.#nonce + 1) % 256;
    for (const seated of this.#seated) {
      seated.roundTrip.asked(this.#nonce);
      seated.roundTrip.written(nowMs);
      this.#send(seated, Uint8Array.of(Packet.PING, this.#nonce), nowMs);
    }
  }

  #sendState(seated: Seated, nowMs: number): void {
    const full = this.#encoder.encodeAll({ offset: 0 }, new Uint8Array(64 * 1024));
    this.#send(seated, tagged(Packet.STATE, full), nowMs);
    this.#audience?.join(seated.viewer);
  }

  #send({ link, isAway }: Seated, packet: Uint8Array, nowMs: number): void {
    if (isAway) return;
    this.bytesSent += packet.length;
    link.down.send(packet, nowMs);
  }

  #welcome(seat: number): Welcome {
    const { tick, tickRateHz } = this.state;
    const layout = this.#snapshots && { snapshots: this.#snapshots.layout };
    return { game: arena.name, version: arena.version, seat, tickRateHz, tick, ...layout };
  }

  #placesNow(): Float64Array {
    const places = new Float64Array(this.state.ships.length * 2).fill(Number.NaN);
    for (const ship of this.state.ships) {
      if (ship?.isAlive !== true) continue;
      places[ship.seat * 2] = ship.xMetres;
      places[ship.seat * 2 + 1] = ship.yMetres;
    }
    return places;
  }

  #of(seat: number): Seated {
    const seated = this.#seated.find((each) => each.seat === seat);
    if (seated === undefined) throw new Error(`nobody sits in seat ${seat}`);
    return seated;
  }
}

function tagged(packet: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + bytes.length);
  message[0] = packet;
  message.set(bytes, 1);
  return message;
}
