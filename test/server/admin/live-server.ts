import { AdminServer } from "../../../server/admin/admin-server.ts";
import { systemClock } from "../../../server/clock.ts";
import { LiveTelemetry } from "../../../server/telemetry/live/live-telemetry.ts";
import type { ServerReading } from "../../../server/telemetry/readings.ts";
import type { JoinOutcome } from "../../../server/telemetry/telemetry.ts";
import { READING } from "../telemetry/live/live-readings.ts";

/**
 * An admin port in the test's own process, whose picture is made of synthetic events: a test can so have any minute that
 * it likes, at once.
 */
export class LiveServer {
  reading: ServerReading = READING;
  port = 0;
  readonly live: LiveTelemetry;
  readonly #token: string;
  #admin: AdminServer | undefined;
  /** What the clock shows; steps are told at the moments at which they were due, whatever the machine is busy with. */
  #nowMs = 0;
  /** When `#nowMs` was 0, on the system's clock. */
  #startMs = 0;
  #step: { readonly durationMs: number; readonly lateMs: number } | undefined;

  constructor(token = "") {
    this.#token = token;
    this.live = new LiveTelemetry({ clock: { ...systemClock, nowMs: () => this.#nowMs } });
    this.live.serverListening({
      port: 7000,
      adminPort: 7100,
      room: "arena",
      fleet: "local",
      tls: "off",
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async open(port = 0): Promise<void> {
    this.#admin = new AdminServer({
      health: () => ({ isHealthy: true, port: 7777, phase: "active" }),
      mayReach: () => false,
      live: () => {
        this.#runTo(systemClock.nowMs() - this.#startMs);
        return this.live.snapshot(this.reading);
      },
      token: this.#token,
    });
    this.port = await this.#admin.listen([port]);
  }

  async close(): Promise<void> {
    await this.#admin?.close();
  }

  /** A minute of steps at 20 Hz that is over now; they go on. */
  minuteOf(durationMs: number, lateMs = 0): void {
    this.#step = { durationMs, lateMs };
    this.#runTo(this.#nowMs + 62_000);
    this.#startMs = systemClock.nowMs() - this.#nowMs;
  }

  #runTo(nowMs: number): void {
    while (this.#step !== undefined && this.#nowMs + 50 <= nowMs) {
      this.live.tickRan({ ...this.#step, intervalMs: 50, commands: 1 });
      this.#nowMs += 50;
    }
  }

  join(outcome: JoinOutcome, times: number): void {
    for (let time = 0; time < times; time++) {
      this.live.joinEnded({
        connectionId: time,
        transport: "tcp",
        outcome,
        durationMs: 1,
        traceParent: "",
      });
    }
  }
}
