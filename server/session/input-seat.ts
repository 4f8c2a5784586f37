/**
 * Whose message the code that runs now goes back to, through timers, promises and callbacks, so that a fault far away
 * from its cause can name the seat. Node carries it along; nobody passes it.
 * @module
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

/** Scopes last as long as the process. */
const SCOPE = { requireManualDestroy: true };

const seatOfInput = new AsyncLocalStorage<number>();

/** One scope per seat, made once: Node would make a new one for each message. Bounded by the seats there are. */
const scopes: (AsyncResource | undefined)[] = [];

/** Runs `read`, and whatever it sets off, as reading a message of `seat`. */
export function readingInputOf<Given extends unknown[], Result>(
  seat: number,
  read: (...given: Given) => Result,
  ...given: Given
): Result {
  const scope =
    scopes[seat] ?? seatOfInput.run(seat, () => new AsyncResource("ClientMessage", SCOPE));
  scopes[seat] = scope;
  return scope.runInAsyncScope(read, undefined, ...given);
}

/** @returns The seat whose message led here, `undefined` if none did. */
export function inputSeat(): number | undefined {
  return seatOfInput.getStore();
}
