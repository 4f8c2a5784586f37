/**
 * What the player holds down, from keyboard, mouse and thumbs, as the game's controls.
 * @module
 */
import { ArenaButton, type ArenaControls } from "../../../rooms/arena/prediction.ts";
import { stickAngle, TouchSticks } from "./touch-sticks.ts";

/** By place on the keyboard, not by letter: WASD is a cross on every layout. */
const KEYS: Readonly<Record<string, number>> = {
  KeyW: ArenaButton.UP,
  ArrowUp: ArenaButton.UP,
  KeyS: ArenaButton.DOWN,
  ArrowDown: ArenaButton.DOWN,
  KeyA: ArenaButton.LEFT,
  ArrowLeft: ArenaButton.LEFT,
  KeyD: ArenaButton.RIGHT,
  ArrowRight: ArenaButton.RIGHT,
  Space: ArenaButton.FIRE,
};

/** Eight directions in the order of rising angle from the right, y down. */
const BUTTONS_BY_OCTANT = [
  ArenaButton.RIGHT,
  ArenaButton.RIGHT | ArenaButton.DOWN,
  ArenaButton.DOWN,
  ArenaButton.DOWN | ArenaButton.LEFT,
  ArenaButton.LEFT,
  ArenaButton.LEFT | ArenaButton.UP,
  ArenaButton.UP,
  ArenaButton.UP | ArenaButton.RIGHT,
] as const;

export class PilotInput {
  readonly sticks = new TouchSticks();
  readonly #held = new Set<string>();
  #mouse: { x: number; y: number } | undefined;
  #isMouseDown = false;
  #aimRadians = 0;

  constructor(stage: HTMLElement) {
    addEventListener("keydown", (event) => this.#onKeyDown(event));
    addEventListener("keyup", (event) => this.#held.delete(event.code));
    // A key or thumb released while another window has the focus is never reported.
    addEventListener("blur", () => this.release());
    stage.addEventListener("pointerdown", (event) => this.#onDown(event));
    stage.addEventListener("pointermove", (event) => this.#onMove(event));
    stage.addEventListener("pointerup", (event) => this.#onUp(event));
    stage.addEventListener("pointercancel", (event) => this.#onUp(event));
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  release(): void {
    this.#held.clear();
    this.sticks.release();
    this.#isMouseDown = false;
  }

  /** @param toScreen - Page position of the own ship, which the mouse is aimed from. */
  controls(toScreen: () => { x: number; y: number }): ArenaControls {
    this.#aim(toScreen);
    let buttons = 0;
    for (const code of this.#held) buttons |= KEYS[code] ?? 0;
    const steer = stickAngle(this.sticks.move);
    if (steer !== undefined) buttons |= buttonsTowards(steer);
    if (this.#isMouseDown || stickAngle(this.sticks.aim) !== undefined) buttons |= ArenaButton.FIRE;
    return { buttons, aimRadians: this.#aimRadians };
  }

  #aim(toScreen: () => { x: number; y: number }): void {
    const thumb = stickAngle(this.sticks.aim) ?? stickAngle(this.sticks.move);
    if (thumb !== undefined) {
      this.#aimRadians = thumb;
    } else if (this.#mouse !== undefined) {
      const ship = toScreen();
      this.#aimRadians = Math.atan2(this.#mouse.y - ship.y, this.#mouse.x - ship.x);
    }
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (KEYS[event.code] === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    // Space presses a focused button, and that is what it should do there.
    if (event.target instanceof HTMLButtonElement && event.code === "Space") return;
    event.preventDefault();
    this.#held.add(event.code);
  }

  #onDown(event: PointerEvent): void {
    if (event.pointerType === "touch") {
      this.#mouse = undefined;
      this.sticks.down(event, innerWidth);
      return;
    }
    this.#mouse = { x: event.clientX, y: event.clientY };
    if (event.button === 0) this.#isMouseDown = true;
  }

  #onMove(event: PointerEvent): void {
    if (event.pointerType === "touch") this.sticks.moved(event);
    else this.#mouse = { x: event.clientX, y: event.clientY };
  }

  #onUp(event: PointerEvent): void {
    if (event.pointerType === "touch") this.sticks.up(event);
    else if (event.button === 0) this.#isMouseDown = false;
  }
}

function buttonsTowards(radians: number): number {
  const octant = Math.round(radians / (Math.PI / 4) + 8) % 8;
  return BUTTONS_BY_OCTANT[octant] ?? 0;
}
