/**
 * What does not move: stars far away, the ground's grid and walls, and obstacles.
 * @module
 */
import { createRandom, nextBetween } from "../../../rooms/kernel/random.ts";
import type { Camera } from "./camera.ts";

const STARS_COUNT = 160;
/** Stars move this much slower than the ground, in three layers. */
const DEPTHS = [0.15, 0.3, 0.5] as const;
const GRID_METRES = 10;

/** A centre and radius in metres. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

interface Star {
  /** Share of the screen, 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly depth: number;
  readonly size: number;
}

const STARS: readonly Star[] = drawStars();

function drawStars(): Star[] {
  const random = createRandom(7);
  return Array.from({ length: STARS_COUNT }, (_, index) => ({
    x: nextBetween(random, 0, 1),
    y: nextBetween(random, 0, 1),
    depth: DEPTHS[index % DEPTHS.length] ?? 1,
    size: nextBetween(random, 0.4, 1.5),
  }));
}

/** Covers the canvas: empty space and stars. Draws in canvas pixels. */
export function drawSpace(context: CanvasRenderingContext2D, camera: Camera): void {
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  const glow = context.createRadialGradient(
    width / 2,
    height / 2,
    0,
    width / 2,
    height / 2,
    Math.max(width, height) * 0.7,
  );
  glow.addColorStop(0, "#101a3a");
  glow.addColorStop(1, "#060914");
  context.fillStyle = glow;
  context.fillRect(0, 0, width, height);
  const density = width / Math.max(1, camera.widthPixels);
  for (const star of STARS) {
    const shift = camera.scale * star.depth * density;
    const x = wrap(star.x * width - camera.x * shift, width);
    const y = wrap(star.y * height - camera.y * shift, height);
    context.fillStyle = `rgb(200 215 255 / ${20 + star.depth * 90}%)`;
    context.fillRect(x, y, star.size * density, star.size * density);
  }
}

/** Draws in world metres. */
export function drawGround(
  context: CanvasRenderingContext2D,
  widthMetres: number,
  heightMetres: number,
): void {
  context.beginPath();
  for (let x = GRID_METRES; x < widthMetres; x += GRID_METRES) {
    context.moveTo(x, 0);
    context.lineTo(x, heightMetres);
  }
  for (let y = GRID_METRES; y < heightMetres; y += GRID_METRES) {
    context.moveTo(0, y);
    context.lineTo(widthMetres, y);
  }
  context.strokeStyle = "rgb(120 150 255 / 11%)";
  context.lineWidth = 0.06;
  context.stroke();
  context.strokeStyle = "rgb(94 231 255 / 14%)";
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, widthMetres + 1, heightMetres + 1);
  context.strokeStyle = "rgb(140 200 255 / 75%)";
  context.lineWidth = 0.12;
  context.strokeRect(0, 0, widthMetres, heightMetres);
}

/** Draws in world metres. */
export function drawObstacle(context: CanvasRenderingContext2D, obstacle: Disc): void {
  const { x, y, radius } = obstacle;
  const shade = context.createRadialGradient(
    x - radius * 0.4,
    y - radius * 0.4,
    radius * 0.1,
    x,
    y,
    radius,
  );
  shade.addColorStop(0, "#4a5a92");
  shade.addColorStop(1, "#1a2348");
  context.fillStyle = shade;
  context.strokeStyle = "rgb(150 175 255 / 45%)";
  context.lineWidth = 0.1;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

function wrap(value: number, size: number): number {
  return ((value % size) + size) % size;
}
