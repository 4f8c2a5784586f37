import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import type { Call } from "./request-table.ts";
import type { PlayerSession } from "./session-types.ts";

type Status = PlayerSession["status"];

interface Change {
  /** The player session has it once the call has taken effect. */
  readonly done: Status;
  /** It has it as long as the call has not. */
  readonly notDone: Status;
}

export const ACCEPTED: Change = { done: "ACTIVE", notDone: "RESERVED" };
export const REMOVED: Change = { done: "COMPLETED", notDone: "ACTIVE" };

/** The service, or the way to it, is out of order: the same question may be answered later. */
const PASSING: ReadonlySet<GameLiftErrorName> = new Set([
  GameLiftErrorName.InternalService,
  GameLiftErrorName.ServiceCallFailed,
  GameLiftErrorName.TooManyRequests,
  GameLiftErrorName.WebsocketRetriableSendMessageFailure,
  GameLiftErrorName.WebsocketSendMessageFailure,
]);

export interface OutcomeOptions {
  /** Aborts when the caller would rather know than wait; while the answer is no, it is waited for on. */
  readonly signal?: AbortSignal;
  /** Goes on asking what has become of it, however long the service cannot say, until this process has ended. */
  readonly untilKnown?: boolean;
}

/** Player sessions of which it is not known what became of them: a game session has 1,024 at once, and some leave. */
const UNKNOWN_MAX = 4_096;

/**
 * Calls about player sessions that must not take effect twice. Where an answer is lost, or is awaited no longer, the
 * service is asked what has become of the player session; a call whose outcome is unknown is not sent again before.
 */
export class KnownOutcomes {
  readonly #statusOf: (playerSessionId: string) => Promise<Status | undefined>;
  /** Of calls that may have taken effect; the oldest first. */
  readonly #unknown = new Set<string>();

  /** @param statusOf - Asks the service; `undefined` where it knows no such player session. */
  constructor(statusOf: (playerSessionId: string) => Promise<Status | undefined>) {
    this.#statusOf = statusOf;
  }

  /**
   * @throws GameLiftError WebsocketRetriableSendMessageFailure or WebsocketClosingError: not done, may be tried again;
   *   NotFound: not done, and never will be; ServiceCallFailed: unknown, for the service could not be asked either,
   *   or would not say.
   */
  async make(
    playerSessionId: string,
    change: Change,
    begin: () => Call,
    { signal, untilKnown = false }: OutcomeOptions = {},
  ): Promise<void> {
    const key = `${change.done} ${playerSessionId}`;
    const look = () => this.#statusOf(playerSessionId);
    const statusOf = untilKnown ? () => inTheEnd(look) : look;
    if (this.#unknown.has(key) && (await this.#wasDone(key, change, statusOf))) return;
    try {
      await answerOrStatus(begin(), change, look, signal);
    } catch (error) {
      if (!(error instanceof GameLiftError && error.isOutcomeUnknown)) throw error;
      this.#remember(key);
      await this.#resolve(key, error, change, statusOf);
    }
  }

  /** An earlier call left open whether it was done. @throws GameLiftError ServiceCallFailed, NotFound */
  async #wasDone(
    key: string,
    change: Change,
    statusOf: () => Promise<Status | undefined>,
  ): Promise<boolean> {
    const message = "an earlier call had no answer";
    const earlier = new GameLiftError(GameLiftErrorName.ServiceCallFailed, message);
    try {
      await this.#resolve(key, earlier, change, statusOf);
      return true;
    } catch (error) {
      const isOpen =
        (error as GameLiftError).name === GameLiftErrorName.WebsocketRetriableSendMessageFailure;
      if (isOpen) return false;
      throw error;
    }
  }

  async #resolve(
    key: string,
    error: GameLiftError,
    change: Change,
    statusOf: () => Promise<Status | undefined>,
  ): Promise<void> {
    let status: Status | undefined;
    try {
      status = await statusOf();
    } catch (cause) {
      const message = `${error.message}; it could not be found out whether it was done`;
      throw new GameLiftError(GameLiftErrorName.ServiceCallFailed, message, { cause });
    }
    this.#unknown.delete(key);
    if (status === change.done) return;
    throw new GameLiftError(
      status === change.notDone
        ? GameLiftErrorName.WebsocketRetriableSendMessageFailure
        : GameLiftErrorName.NotFound,
      `${error.message}; it was not done: the player session is ${status ?? "unknown"}`,
      { cause: error },
    );
  }

  #remember(key: string): void {
    const [oldest] = this.#unknown;
    if (this.#unknown.size >= UNKNOWN_MAX && oldest !== undefined) this.#unknown.delete(oldest);
    this.#unknown.add(key);
  }
}

/** Whoever answers sees to it that it is not asked too often. */
async function inTheEnd<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GameLiftError && PASSING.has(error.name))) throw error;
    }
  }
}

async function answerOrStatus(
  call: Call,
  change: Change,
  statusOf: () => Promise<Status | undefined>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const seenDone = Promise.withResolvers<void>();
  const look = async () => {
    try {
      if (!call.cancelUnsent() && (await statusOf()) === change.done) seenDone.resolve();
    } catch {
      // The answer, or its time, decides.
    }
  };
  const onAbort = () => void look();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([call.answer, seenDone.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
