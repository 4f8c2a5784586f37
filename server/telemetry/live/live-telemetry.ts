import type { Clock } from "../../clock.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import type { ServerReading } from "../readings.ts";
import { JoinCounts } from "./join-counts.ts";
import { LIVE_LIMITS } from "./limits.ts";
import type { LiveSeconds, LiveSnapshot, LiveTicks } from "./live-snapshot.ts";
import { Notices } from "./notices.ts";
import { TickSeconds } from "./tick-seconds.ts";
import { judge } from "./verdict.ts";

/** Keeps a small picture of the last minute, in counters alone: no timer, and nothing is computed until somebody asks. */
export class LiveTelemetry extends EveryEvent {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #seconds = new TickSeconds();
  readonly #joins = new JoinCounts();
  readonly #notices = new Notices();
  #server: LiveSnapshot["server"] = null;

  constructor({ clock }: { readonly clock: Clock }) {
    super();
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  /** The one that comes every tick: it goes past `record`. */
  override tickRan(info: EventInfo<"tickRan">): void {
    try {
      this.#seconds.ran(this.#clock.nowMs(), info.durationMs, info.lateMs);
    } catch {
      // Telemetry never throws into what it watches.
    }
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      this.#take(event, info);
    } catch {
      // As above: an event that cannot be read is lost.
    }
  }

  /**
   * How the server does, in less than 4 KB of JSON.
   * @param reading - Of the same moment.
   */
  snapshot(reading: ServerReading): LiveSnapshot {
    const nowMs = this.#clock.nowMs();
    const { phase, isHealthy, health, gameSession, match, connections, traffic } = reading;
    const seconds = this.#seconds.read(nowMs);
    const picture: LiveSnapshot = {
      version: 1,
      atMs: this.#clock.wallMs(),
      upSeconds: Math.floor((nowMs - this.#startMs) / 1000),
      server: this.#server,
      phase,
      isHealthy,
      health,
      gameSession: gameSession === undefined ? null : gameSessionOf(gameSession),
      ticks: match === undefined ? null : this.#ticks(match, seconds, health.ticks),
      seconds,
      joins: this.#joins.read(nowMs),
      connections,
      traffic,
      sendQueue: { ...reading.sendQueue, slowClients: match?.slowClients ?? 0 },
      notices: [],
    };
    // It is ASCII: a character is a byte.
    const bytesLeft = LIVE_LIMITS.snapshotBytesMax - JSON.stringify(picture).length;
    return { ...picture, notices: this.#notices.read(nowMs, bytesLeft) };
  }

  #take(event: EventName, info: EventInfo<EventName>): void {
    const nowMs = this.#clock.nowMs();
    if (event === "joinEnded") {
      this.#joins.add(nowMs, (info as EventInfo<"joinEnded">).outcome);
    } else if (event === "stepOverran") {
      this.#seconds.dropped(nowMs, (info as EventInfo<"stepOverran">).droppedTicks);
    } else if (event === "serverListening") {
      const { room, fleet, tls, port } = info as EventInfo<"serverListening">;
      this.#server = { room: name(room), fleet: name(fleet), tls: name(tls), port: Number(port) };
    }
    this.#notices.add(nowMs, event, info);
  }

  #ticks(
    match: NonNullable<ServerReading["match"]>,
    seconds: LiveSeconds,
    health: ServerReading["health"]["ticks"],
  ): LiveTicks {
    const { tickRateHz: targetHz, ranTicks, droppedTicks, commandsQueued } = match;
    const steps = seconds.ran.reduce((total, each) => total + each, 0);
    const p99Ms = this.#seconds.p99Ms(steps);
    return {
      ...judge(targetHz, seconds, p99Ms, health),
      targetHz,
      p99Ms,
      maxMs: Math.max(...seconds.maxMs),
      lateMs: Math.max(...seconds.lateMs),
      ranTicks,
      droppedTicks,
      commandsQueued,
    };
  }
}

function gameSessionOf({
  gameSessionId,
  seatsHeld,
  seatsMax,
}: NonNullable<ServerReading["gameSession"]>) {
  const last = gameSessionId.slice(gameSessionId.lastIndexOf("/") + 1);
  // JSON has no infinity.
  return { name: name(last), seatsHeld, seatsMax: Number.isFinite(seatsMax) ? seatsMax : null };
}

/** Printable ASCII without what JSON would write longer, cut. */
function name(text: unknown): string {
  const plain = String(text).slice(0, LIVE_LIMITS.nameCharsMax);
  return plain.replaceAll(/[^ !#-[\]-~]/g, "?");
}
