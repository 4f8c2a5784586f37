import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";
import type { ProcessParameters, SdkEvent } from "./server-callbacks.ts";
import {
  readCreateGameSession,
  readTerminationTimeMs,
  readUpdateGameSession,
} from "./service-messages.ts";

export interface ProcessLifeDeps {
  readonly clock: SdkClock;
  readonly random: () => number;
  readonly fleetId: string;
  /** Sends a report if there is a connection. @throws GameLiftError */
  readonly report: (isHealthy: boolean) => Promise<void>;
  readonly isConnected: () => boolean;
  readonly onEvent: (event: SdkEvent) => void;
  /** What happens to a termination that the owner does not handle. */
  readonly endByItself: () => Promise<void>;
}

/**
 * What the service wants of this process:
 *
 *   connected -> getting_ready -> ready --(game session, updates, termination)--> ended
 *
 * What is pushed before the process is ready waits for that: a game session may come in the same breath as the answer.
 */
export class ProcessLife {
  readonly #deps: ProcessLifeDeps;
  #state: "connected" | "getting_ready" | "ready" | "ended" = "connected";
  #parameters: ProcessParameters | undefined;
  #heartbeat: Heartbeat | undefined;
  #isReportDue = false;
  #held: { readonly action: string; readonly message: object }[] = [];
  gameSessionId: string | undefined;
  terminationTimeMs: number | undefined;

  constructor(deps: ProcessLifeDeps) {
    this.#deps = deps;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get isEnded(): boolean {
    return this.#state === "ended";
  }

  /** @throws GameLiftError AlreadyInitialized */
  getReady(parameters: ProcessParameters): void {
    if (this.#state !== "connected") {
      const message = "processReady was called before";
      throw new GameLiftError(GameLiftErrorName.AlreadyInitialized, message);
    }
    this.#state = "getting_ready";
    this.#parameters = parameters;
  }

  notReady(): void {
    if (this.#state === "getting_ready") this.#state = "connected";
  }

  /** Before any frame behind the answer is read. */
  becameReady(): void {
    if (this.#state !== "getting_ready") return;
    this.#state = "ready";
    const check = () => this.#parameters?.onHealthCheck?.() ?? true;
    this.#heartbeat = new Heartbeat(this.#deps, check, (isHealthy) => void this.#report(isHealthy));
    this.#heartbeat.start();
    const held = this.#held;
    this.#held = [];
    for (const { action, message } of held) this.pushed(action, message);
  }

  /** A connection is there, again. */
  opened(): void {
    if (!this.#isReportDue) return;
    this.#isReportDue = false;
    this.#heartbeat?.beatIn(0);
  }

  end(): void {
    this.#state = "ended";
    this.#heartbeat?.stop();
  }

  pushed(action: string, message: object): void {
    if (this.#state === "ended") return void this.#ignored("out_of_turn");
    if (this.#state !== "ready") {
      if (this.#held.length >= SDK_LIMITS.pushesHeldMax) return void this.#ignored("out_of_turn");
      this.#held.push({ action, message });
      return;
    }
    if (action === "CreateGameSession") this.#createGameSession(message);
    else if (action === "UpdateGameSession") this.#updateGameSession(message);
    else if (action === "TerminateProcess") this.#terminate(message);
    else this.#ignored("unknown_action");
  }

  /** A process hosts one game session in its life; the service may say so twice. */
  #createGameSession(message: object): void {
    const session = readCreateGameSession(message, this.#deps.fleetId);
    if (this.gameSessionId !== undefined || session.gameSessionId === "") {
      return void this.#ignored("out_of_turn");
    }
    this.gameSessionId = session.gameSessionId;
    this.#call("onStartGameSession", () => this.#parameters?.onStartGameSession(session));
  }

  #updateGameSession(message: object): void {
    const update = readUpdateGameSession(message, this.#deps.fleetId);
    if (update.gameSession.gameSessionId !== this.gameSessionId) {
      return void this.#ignored("out_of_turn");
    }
    this.#call("onUpdateGameSession", () => this.#parameters?.onUpdateGameSession?.(update));
  }

  #terminate(message: object): void {
    const timeMs = readTerminationTimeMs(message);
    this.terminationTimeMs = timeMs ?? this.terminationTimeMs;
    const parameters = this.#parameters;
    this.#call("onProcessTerminate", () =>
      parameters?.onProcessTerminate === undefined
        ? this.#deps.endByItself()
        : parameters.onProcessTerminate(timeMs),
    );
  }

  async #report(isHealthy: boolean): Promise<void> {
    try {
      await this.#deps.report(isHealthy);
      this.#deps.onEvent({ type: "heartbeat_answered" });
    } catch (cause) {
      this.#deps.onEvent({ type: "heartbeat_failed", cause });
      const isUnanswered = (cause as GameLiftError).name === GameLiftErrorName.ServiceCallFailed;
      // An old report is worth nothing: there is a new one as soon as the connection is back.
      if (!this.#deps.isConnected()) this.#isReportDue = true;
      else this.#heartbeat?.beatIn(isUnanswered ? 0 : SDK_LIMITS.heartbeatRetryMs);
    }
  }

  /** Whatever a callback does, the connection lives on. */
  #call(callback: string, call: () => void | Promise<void> | undefined): void {
    const failed = (cause: unknown) =>
      this.#deps.onEvent({ type: "callback_failed", callback, cause });
    try {
      Promise.resolve(call()).catch(failed);
    } catch (cause) {
      failed(cause);
    }
  }

  #ignored(why: Extract<SdkEvent, { type: "frame_ignored" }>["why"]): void {
    this.#deps.onEvent({ type: "frame_ignored", why });
  }
}
