import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import type { LogReading, ServerReading } from "../readings.ts";
import { type CountedEvents, countedEvents } from "./counted-events.ts";
import { LoopWatch } from "./loop-watch.ts";
import { type HistogramMeter, Meters } from "./meters.ts";
import { shownProcess } from "./process-meters.ts";
import { shownReadings } from "./shown-readings.ts";

export interface PrometheusTelemetryOptions {
  /** Asked once for each text. */
  readonly readings: () => ServerReading;
  readonly logs: () => readonly LogReading[];
  /** Of fleetroom. */
  readonly version: string;
}

/**
 * Counts what happens and shows it in Prometheus's text format, version 0.0.4. All series are there from the start and
 * there are never more. Between two texts nothing wakes it but events; delay and collections are watched while a game
 * session is here.
 */
export class PrometheusTelemetry extends EveryEvent {
  readonly #meters: Meters;
  readonly #counted: CountedEvents;
  readonly #loopWatch: LoopWatch;
  readonly #show: () => void;
  readonly #tickDuration: HistogramMeter;
  readonly #tickLateness: HistogramMeter;
  #ticks = 0;
  #commands = 0;

  constructor({ readings, logs, version }: PrometheusTelemetryOptions) {
    super();
    const meters = new Meters({ version, node: process.version });
    this.#meters = meters;
    this.#counted = countedEvents(meters);
    this.#loopWatch = new LoopWatch(meters);
    this.#tickDuration = meters.histogram("fleetroom_tick_duration_seconds");
    this.#tickLateness = meters.histogram("fleetroom_tick_lateness_seconds");
    const ticks = meters.counter("fleetroom_ticks_total");
    const commands = meters.counter("fleetroom_commands_received_total");
    meters.gauge("fleetroom_build_info").set(1, version, process.version);
    const showReadings = shownReadings(meters);
    const showProcess = shownProcess(meters);
    this.#show = () => {
      ticks.reach(this.#ticks);
      commands.reach(this.#commands);
      showReadings(readings(), logs());
      showProcess();
      this.#loopWatch.show();
    };
  }

  /** What `Content-Type` says of the text. */
  get contentType(): string {
    return this.#meters.registry.contentType;
  }

  /** @returns Everything as it stands now. Rejects when the readings break their promise. */
  async text(): Promise<string> {
    this.#show();
    return this.#meters.registry.metrics();
  }

  /** Ends all watching; a second call does nothing. What was counted can still be shown. */
  close(): void {
    this.#loopWatch.stop();
  }

  override tickRan(info: EventInfo<"tickRan">): void {
    try {
      const { durationMs, lateMs, commands } = info;
      this.#tickDuration.observe(durationMs / 1000);
      // Rounding may make it begin a hair too early.
      const latenessMs = Math.max(0, lateMs);
      this.#tickLateness.observe(latenessMs / 1000);
      this.#loopWatch.stepBegan(latenessMs);
      this.#ticks++;
      if (commands > 0 && Number.isFinite(commands)) this.#commands += commands;
    } catch {
      // As below.
    }
  }

  override gameSessionPlaced(): void {
    this.#loopWatch.start();
  }

  override gameSessionEnded(info: EventInfo<"gameSessionEnded">): void {
    this.#loopWatch.stop();
    super.gameSessionEnded(info);
  }

  override serverStopped(): void {
    this.close();
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      this.#counted[event]?.(info);
    } catch {
      // Not even its fields can be read: whoever told it broke a promise, and there is nothing to count.
    }
  }
}
