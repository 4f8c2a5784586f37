import type { CancelTimer, Clock } from "../../clock.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import { SampleWindow } from "../sample-window.ts";
import type { FleetCall, JoinOutcome } from "../telemetry.ts";
import { type EmfMetricName, emfLine } from "./emf-document.ts";
import { EMF_LIMITS } from "./limits.ts";

/** Where lines go. */
export interface EmfOut {
  /** Never throws and never waits. @param line - One JSON object, without the end of its line. */
  write(line: string): void;
  /** Resolves soon, when what was written before is out or is lost. */
  close?(): Promise<void>;
}

export interface EmfTelemetryOptions {
  readonly clock: Clock;
  readonly out: EmfOut;
  /** The dimensions; `""` is not known, and then there is none. */
  readonly fleetId: string;
  readonly location: string;
  /** Ids of this process: its compute's, its own. Never a dimension; `""` is left out. */
  readonly properties: Readonly<Record<string, string>>;
  /** Where the agent puts the lines; `""` where the agent, or whoever reads standard output, chooses. */
  readonly logGroupName: string;
  /** @defaultValue `fleetroom` */
  readonly namespace?: string;
  /** 0 <= x < 1; for tests. */
  readonly random?: () => number;
}

const SEATED: ReadonlySet<JoinOutcome> = new Set(["joined", "returned", "reserved"]);
const VALIDATOR_CALLS: ReadonlySet<FleetCall> = new Set([
  "accept_player_session",
  "ask_second_opinion",
  "describe_player_sessions",
]);

/**
 * What needs percentiles in CloudWatch, which get lost on the agent's way from Prometheus: a line of values each minute
 * while a game session is here, and one at its end. Labels of these metrics are put together: each would be a dimension,
 * and each value of it metrics that are paid for.
 */
export class EmfTelemetry extends EveryEvent {
  readonly #options: EmfTelemetryOptions;
  readonly #windows: Readonly<Record<EmfMetricName, SampleWindow>>;
  readonly #tickDuration: SampleWindow;
  readonly #tickLateness: SampleWindow;
  #gameSessionId = "";
  #cancelFlush: CancelTimer = () => {};
  #isClosed = false;

  constructor(options: EmfTelemetryOptions) {
    super();
    this.#options = options;
    const { random } = options;
    const { ticksMax, callsMax } = EMF_LIMITS;
    this.#tickDuration = new SampleWindow(ticksMax, random);
    this.#tickLateness = new SampleWindow(ticksMax, random);
    this.#windows = {
      fleetroom_tick_duration_seconds: this.#tickDuration,
      fleetroom_tick_lateness_seconds: this.#tickLateness,
      fleetroom_join_duration_seconds: new SampleWindow(callsMax, random),
      fleetroom_validator_duration_seconds: new SampleWindow(callsMax, random),
    };
  }

  override tickRan(info: EventInfo<"tickRan">): void {
    try {
      this.#tickDuration.add(info.durationMs / 1_000);
      this.#tickLateness.add(info.lateMs / 1_000);
    } catch {
      // An event that is none is passed over; telemetry never throws into what it watches.
    }
  }

  /** Writes what is left, and waits for the way out to be done, as long as that takes at most. */
  async close(): Promise<void> {
    this.#stop();
    await this.#options.out.close?.();
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      if (event === "joinEnded") this.#joined(info as EventInfo<"joinEnded">);
      else if (event === "fleetCallEnded") this.#called(info as EventInfo<"fleetCallEnded">);
      else if (event === "gameSessionPlaced") {
        this.#begin((info as EventInfo<"gameSessionPlaced">).gameSessionId);
      } else if (event === "gameSessionEnded") this.#end();
      else if (event === "serverStopped") this.#stop();
    } catch {
      // As above.
    }
  }

  #joined({ outcome, durationMs }: EventInfo<"joinEnded">): void {
    if (SEATED.has(outcome)) this.#windows.fleetroom_join_duration_seconds.add(durationMs / 1_000);
  }

  #called({ action, durationMs }: EventInfo<"fleetCallEnded">): void {
    if (!VALIDATOR_CALLS.has(action)) return;
    this.#windows.fleetroom_validator_duration_seconds.add(durationMs / 1_000);
  }

  #begin(gameSessionId: string): void {
    if (this.#isClosed) return;
    this.#end();
    this.#gameSessionId = String(gameSessionId);
    this.#arm();
  }

  #stop(): void {
    this.#end();
    this.#isClosed = true;
  }

  #arm(): void {
    this.#cancelFlush = this.#options.clock.after(EMF_LIMITS.windowMs, () => {
      this.#flush();
      this.#arm();
    });
  }

  #end(): void {
    this.#cancelFlush();
    if (!this.#isClosed) this.#flush();
    this.#gameSessionId = "";
  }

  #flush(): void {
    try {
      const { clock, namespace = "fleetroom", properties, ...fixed } = this.#options;
      const line = emfLine({
        ...fixed,
        namespace,
        properties: { ...properties, gameSessionId: this.#gameSessionId },
        timestamp: clock.wallMs(),
        windows: this.#windows,
      });
      if (line !== undefined) this.#options.out.write(line);
    } catch {
      // A way out that breaks its promise costs one line and nothing else.
    }
    for (const window of Object.values(this.#windows)) window.clear();
  }
}
