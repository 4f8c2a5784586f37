import { context2d } from "../elements.ts";
import type { Disc } from "./backdrop.ts";

export interface MapMark {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly isOwn: boolean;
}

/** The whole ground at a glance. */
export class Minimap {
  readonly #context: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement) {
    this.#context = context2d(canvas);
  }

  draw(
    ground: { readonly widthMetres: number; readonly heightMetres: number },
    obstacles: Iterable<Disc>,
    marks: Iterable<MapMark>,
  ): void {
    const context = this.#context;
    const { width, height } = context.canvas;
    const margin = 6;
    const scale = Math.min(
      (width - 2 * margin) / ground.widthMetres,
      (height - 2 * margin) / ground.heightMetres,
    );
    context.clearRect(0, 0, width, height);
    context.fillStyle = "rgb(140 165 255 / 28%)";
    for (const { x, y, radius } of obstacles) {
      disc(context, margin + x * scale, margin + y * scale, radius * scale);
    }
    for (const mark of marks) {
      context.fillStyle = mark.colour;
      const size = mark.isOwn ? 3.5 : 2.5;
      disc(context, margin + mark.x * scale, margin + mark.y * scale, size);
    }
  }
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
