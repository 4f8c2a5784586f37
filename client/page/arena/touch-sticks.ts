/**
 * Two thumbs: one on the left half of the screen steers, one on the right half aims and fires.
 * @module
 */

/** A thumb this near to where it touched down means nothing; page pixels. */
const DEAD_PIXELS = 12;
/** A stick's throw: farther is not more. */
export const STICK_PIXELS = 56;

export interface Stick {
  readonly pointerId: number;
  /** Where the thumb touched down; page pixels. */
  readonly originX: number;
  readonly originY: number;
  x: number;
  y: number;
}

export class TouchSticks {
  #move: Stick | undefined;
  #aim: Stick | undefined;

  get move(): Stick | undefined {
    return this.#move;
  }

  get aim(): Stick | undefined {
    return this.#aim;
  }

  /** @param widthPixels - Of the screen, to tell left from right. */
  down(event: PointerEvent, widthPixels: number): void {
    const { pointerId, clientX, clientY } = event;
    const stick = { pointerId, originX: clientX, originY: clientY, x: clientX, y: clientY };
    if (clientX < widthPixels / 2) this.#move = stick;
    else this.#aim = stick;
  }

  moved(event: PointerEvent): void {
    const stick = [this.#move, this.#aim].find((one) => one?.pointerId === event.pointerId);
    if (stick === undefined) return;
    stick.x = event.clientX;
    stick.y = event.clientY;
  }

  up(event: PointerEvent): void {
    if (this.#move?.pointerId === event.pointerId) this.#move = undefined;
    if (this.#aim?.pointerId === event.pointerId) this.#aim = undefined;
  }

  release(): void {
    this.#move = undefined;
    this.#aim = undefined;
  }
}

/** @returns Direction in radians, `undefined` within the dead zone. */
export function stickAngle(stick: Stick | undefined): number | undefined {
  if (stick === undefined) return undefined;
  const x = stick.x - stick.originX;
  const y = stick.y - stick.originY;
  return Math.hypot(x, y) < DEAD_PIXELS ? undefined : Math.atan2(y, x);
}
