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

/**
 * Waits for a call that must not be made twice. Where its answer is lost, or is awaited no longer, the service is asked
 * what has become of the player session; the call is never sent again.
 * @param statusOf - Asks the service; `undefined` where it knows no such player session.
 * @param signal - Aborts when the caller would rather know than wait; while the answer is no, it is waited for on.
 * @throws GameLiftError WebsocketRetriableSendMessageFailure or WebsocketClosingError: not done, may be tried again;
 *   NotFound: not done, and never will be; ServiceCallFailed: unknown, for the service could not be asked either.
 */
export async function knownOutcome(
  call: Call,
  change: Change,
  statusOf: () => Promise<Status | undefined>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const watch = watchFor(signal, async () => {
    if (call.cancelUnsent()) return false;
    return (await statusOf()) === change.done;
  });
  try {
    await Promise.race([call.answer, watch.isDone]);
  } catch (error) {
    if (!(error instanceof GameLiftError && error.isOutcomeUnknown)) throw error;
    await resolveByAsking(error, change, statusOf);
  } finally {
    watch.stop();
  }
}

async function resolveByAsking(
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
  if (status === change.done) return;
  const isOpen = status === change.notDone;
  throw new GameLiftError(
    isOpen ? GameLiftErrorName.WebsocketRetriableSendMessageFailure : GameLiftErrorName.NotFound,
    `${error.message}; it was not done: the player session is ${status ?? "unknown"}`,
    { cause: error },
  );
}

/** Looks once `signal` aborts; settles only when the look says yes. */
function watchFor(signal: AbortSignal | undefined, isDone: () => Promise<boolean>) {
  const seen = Promise.withResolvers<void>();
  const look = async () => {
    try {
      if (await isDone()) seen.resolve();
    } catch {
      // The answer, or its time, decides.
    }
  };
  const onAbort = () => void look();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return { isDone: seen.promise, stop: () => signal?.removeEventListener("abort", onAbort) };
}
