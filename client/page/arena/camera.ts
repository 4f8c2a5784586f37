/** Which part of the world the canvas shows, and how large. */

/** Pixels (of the page, not the screen) per metre grow with the window: this much of its diagonal-like size is seen. */
const SHOWN_METRES = 42;

/** The camera reaches where it should be over about this long. */
const FOLLOW_MS = 90;

/** How much beyond a wall is shown. */
const BEYOND_WALL_METRES = 5;

export class Camera {
  x = 0;
  y = 0;
  /** Page pixels per metre. */
  scale = 20;
  widthPixels = 0;
  heightPixels = 0;
  #movedAtMs = 0;
  #shake = 0;

  /** Fits the canvas to its place on the page and the screen's density. */
  fit(canvas: HTMLCanvasElement): void {
    const density = Math.min(2, devicePixelRatio);
    this.widthPixels = canvas.clientWidth;
    this.heightPixels = canvas.clientHeight;
    const width = Math.round(this.widthPixels * density);
    const height = Math.round(this.heightPixels * density);
    // Setting a size clears the canvas, even to the same value.
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.scale = Math.sqrt(this.widthPixels * this.heightPixels) / SHOWN_METRES;
  }

  /** Follows a place, but shows little of what lies beyond the walls; jumps when it is far away. */
  follow(
    target: { readonly x: number; readonly y: number },
    ground: { readonly widthMetres: number; readonly heightMetres: number },
    nowMs: number,
  ): void {
    const x = withinWalls(target.x, ground.widthMetres, this.widthPixels / this.scale);
    const y = withinWalls(target.y, ground.heightMetres, this.heightPixels / this.scale);
    const share = 1 - Math.exp(-(nowMs - this.#movedAtMs) / FOLLOW_MS);
    const isFar = Math.hypot(x - this.x, y - this.y) > 20;
    this.x += (x - this.x) * (isFar ? 1 : share);
    this.y += (y - this.y) * (isFar ? 1 : share);
    this.#shake *= Math.exp(-(nowMs - this.#movedAtMs) / 120);
    this.#movedAtMs = nowMs;
  }

  /** @param strength - 0 to 1; 1 shakes by half a metre. */
  shake(strength: number): void {
    this.#shake = Math.max(this.#shake, strength);
  }

  /** Makes drawing commands mean world metres. */
  apply(context: CanvasRenderingContext2D): void {
    const density = context.canvas.width / Math.max(1, this.widthPixels);
    const scale = this.scale * density;
    const x = this.x + (Math.random() - 0.5) * this.#shake;
    const y = this.y + (Math.random() - 0.5) * this.#shake;
    context.setTransform(
      scale,
      0,
      0,
      scale,
      context.canvas.width / 2 - x * scale,
      context.canvas.height / 2 - y * scale,
    );
  }
}

/** @param shownMetres - Of the world along this axis. A world smaller than that is shown in the middle. */
function withinWalls(at: number, sizeMetres: number, shownMetres: number): number {
  const margin = shownMetres / 2 - BEYOND_WALL_METRES;
  if (sizeMetres <= 2 * margin) return sizeMetres / 2;
  return Math.max(margin, Math.min(sizeMetres - margin, at));
}
