/**
 * The arena's figures around the canvas: clock, scores, own health.
 * @module
 */

import { HEALTH_MAX } from "../../../rooms/arena/prediction.ts";
import type { ArenaView, ShipView } from "../../arena/arena-view.ts";
import { element, setText } from "../elements.ts";

/** Best players listed; one's own row is always among them. */
const ROWS_MAX = 8;
const ROWS_ON_PHONE_MAX = 5;
const PHONE_PIXELS_MAX = 720;
/** The clock is coloured for the last part of the match. */
const LATE_SECONDS = 15;

export class ArenaHud {
  readonly #clock = element("clock", HTMLElement);
  readonly #scores = element("scores", HTMLElement);
  readonly #rows = element("score-rows", HTMLElement);
  readonly #vitals = element("vitals", HTMLElement);
  readonly #health = element("health", HTMLElement);
  readonly #healthLeft = element("health-left", HTMLElement);
  readonly #minimap = element("minimap", HTMLCanvasElement);

  show(isShown: boolean): void {
    for (const part of [this.#clock, this.#scores, this.#vitals, this.#minimap]) {
      part.hidden = !isShown;
    }
  }

  update(view: ArenaView, ownSeat: number): void {
    const secondsLeft = Math.max(0, (view.endsAtTick - view.tick) / (view.tickRateHz || 1));
    setText(this.#clock, clockText(Math.ceil(secondsLeft)));
    this.#clock.classList.toggle("late", secondsLeft < LATE_SECONDS);
    const own = view.ships.get(ownSeat);
    const share = (own?.body?.health ?? 0) / HEALTH_MAX;
    this.#healthLeft.style.transform = `scaleX(${share})`;
    this.#health.classList.toggle("low", share <= 0.4);
    const rowsMax = innerWidth <= PHONE_PIXELS_MAX ? ROWS_ON_PHONE_MAX : ROWS_MAX;
    fillScoreRows(this.#rows, standings(view, ownSeat, rowsMax), ownSeat);
  }
}

/** Best first; when one's own is not among the first, it takes the last place. */
export function standings(view: ArenaView, ownSeat: number, rowsMax: number): ShipView[] {
  const all = [...view.ships.values()].sort((a, b) => b.score - a.score || a.seat - b.seat);
  const shown = all.slice(0, rowsMax);
  const own = all.find((ship) => ship.seat === ownSeat);
  if (own !== undefined && !shown.includes(own)) shown[rowsMax - 1] = own;
  return shown;
}

/** Names come from strangers: they are set as text and nothing else. */
export function fillScoreRows(list: Element, ships: readonly ShipView[], ownSeat: number): void {
  while (list.children.length > ships.length) list.lastElementChild?.remove();
  ships.forEach((ship, index) => {
    const row = list.children[index] ?? list.appendChild(scoreRow());
    row.className = [ship.seat === ownSeat ? "own" : "", ship.isAlive ? "" : "away"].join(" ");
    const [name, score] = row.children;
    if (name !== undefined) setText(name, ship.name);
    if (score !== undefined) setText(score, String(ship.score));
  });
}

function scoreRow(): HTMLLIElement {
  const row = document.createElement("li");
  row.append(document.createElement("span"), document.createElement("span"));
  return row;
}

function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
