import { request } from "node:http";
import type { LookupFunction } from "node:net";
import type { Clock } from "../../clock.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import type { Telemetry } from "../telemetry.ts";
import { hostLookup } from "./host-lookup.ts";
import { STATSD_LIMITS } from "./limits.ts";

export interface CrashReporterOptions {
  readonly clock: Clock;
  /** Told of the first failure, and of no other. */
  readonly telemetry: Pick<Telemetry, "vendorMessage">;
  /** `localhost` is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly processPid: number;
}

/**
 * Tells Amazon's collector about this process, which then watches it: a process that is gone and never said goodbye has
 * crashed, and its game session with it. So goodbye is said at a clean end alone, one with exit code 0.
 */
export class CrashReporterTelemetry extends EveryEvent {
  readonly #options: CrashReporterOptions;
  /** Asked one after another, in this order. */
  #waiting: string[] = [];
  #isAsking = false;
  #isRegistered = false;
  #isStopped = false;
  #hasToldFailure = false;
  #onIdle: (() => void) | undefined;

  constructor(options: CrashReporterOptions) {
    super();
    this.#options = options;
  }

  /** Resolves when nothing is being asked any more, after half a second at the latest. Call it after `serverStopped`. */
  async close(): Promise<void> {
    this.#isStopped = true;
    if (!this.#isAsking) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(STATSD_LIMITS.crashReporterCloseMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    if (this.#isStopped) return;
    try {
      if (event === "serverListening") this.#register();
      else if (event === "gameSessionPlaced") {
        this.#update((info as EventInfo<"gameSessionPlaced">).gameSessionId);
      } else if (event === "serverStopped") {
        this.#deregister((info as EventInfo<"serverStopped">).exitCode);
      }
    } catch {
      // An event that is none is passed over; telemetry never throws into what it watches.
    }
  }

  #register(): void {
    if (this.#isRegistered) return;
    this.#isRegistered = true;
    this.#ask("register");
  }

  #update(gameSessionId: string): void {
    const isOne = gameSessionId !== "" && gameSessionId.length <= STATSD_LIMITS.sessionIdCharsMax;
    if (isOne && this.#isRegistered) this.#ask("update", `&session_id=${asWritten(gameSessionId)}`);
  }

  #deregister(exitCode: number): void {
    this.#isStopped = true;
    // Whatever still waits is of no more use.
    this.#waiting = [];
    if (this.#isRegistered && exitCode === 0) this.#ask("deregister");
  }

  #ask(what: "register" | "update" | "deregister", more = ""): void {
    if (this.#waiting.length >= STATSD_LIMITS.crashReporterCallsWaitingMax) {
      this.#failed(what, "too many calls wait");
      return;
    }
    this.#waiting.push(`/${what}?process_pid=${this.#options.processPid}${more}`);
    if (!this.#isAsking) void this.#askAll();
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true;
    for (let path = this.#waiting.shift(); path !== undefined; path = this.#waiting.shift()) {
      const problem = await this.#get(path);
      if (problem !== undefined) this.#failed(path.slice(1, path.indexOf("?")), problem);
    }
    this.#isAsking = false;
    this.#onIdle?.();
  }

  /** @returns What went wrong, if anything did. */
  #get(path: string): Promise<string | undefined> {
    const { clock, port } = this.#options;
    const host = this.#options.host === "localhost" ? "127.0.0.1" : this.#options.host;
    const { crashReporterTimeoutMs } = STATSD_LIMITS;
    return new Promise((resolve) => {
      let problem: string | undefined = "the connection ended without an answer";
      let timedOut = false;
      try {
        // An agent of its own keeps no connection.
        const lookup = hostLookup() as LookupFunction;
        const asked = request({ host, port, path, agent: false, lookup }, (response) => {
          const { statusCode = 0 } = response;
          const isGood = statusCode >= 200 && statusCode <= 299;
          problem = isGood ? undefined : `it answered with ${statusCode}`;
          // The status is the whole answer.
          response.resume();
        });
        const cancel = clock.after(crashReporterTimeoutMs, () => {
          timedOut = true;
          asked.destroy();
        });
        asked.on("error", (error) => {
          problem = (error as NodeJS.ErrnoException).code ?? error.message;
        });
        asked.on("close", () => {
          cancel();
          resolve(timedOut ? `no answer within ${crashReporterTimeoutMs} ms` : problem);
        });
        asked.end();
      } catch (error) {
        resolve(error instanceof Error ? error.message : String(error));
      }
    });
  }

  #failed(what: string, problem: string): void {
    if (this.#hasToldFailure) return;
    this.#hasToldFailure = true;
    const { host, port, telemetry } = this.#options;
    const message = `crash reporter: ${what} at ${host}, port ${port}, failed: ${problem}. This is told once`;
    telemetry.vendorMessage({ level: "warn", message });
  }
}

/** The collector takes an ARN as it is; only what would end a query, or cannot be in one, is encoded. */
function asWritten(id: string): string {
  return id.toWellFormed().replace(/[^\w:/.@-]/gu, encodeURIComponent);
}
