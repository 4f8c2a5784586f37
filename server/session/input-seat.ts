/**
 * Whose message the code that runs now goes back to, through timers, promises and callbacks, so that a fault far away
 * from its cause can name the seat. Node carries it along; nobody passes it.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

const seatOfInput = new AsyncLocalStorage<number>();

/** Runs `read`, and whatever it sets off, as reading a message of `seat`. */
export function readingInputOf<Given extends unknown[]>(
  seat: number,
  read: (...given: Given) => void,
  ...given: Given
): void {
  seatOfInput.run(seat, read, ...given);
}

/** @returns The seat whose message led here, `undefined` if none did. */
export function inputSeat(): number | undefined {
  return seatOfInput.getStore();
}
