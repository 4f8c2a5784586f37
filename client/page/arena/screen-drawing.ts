/**
 * What lies on the screen rather than in the world; draws in page pixels.
 * @module
 */
import type { Camera } from "./camera.ts";
import { STICK_PIXELS, type Stick, type TouchSticks } from "./touch-sticks.ts";

function usePagePixels(context: CanvasRenderingContext2D, camera: Camera): void {
  const density = context.canvas.width / Math.max(1, camera.widthPixels);
  context.setTransform(density, 0, 0, density, 0, 0);
}

/** The thumbs' sticks where they touched down. */
export function drawSticks(
  context: CanvasRenderingContext2D,
  camera: Camera,
  sticks: TouchSticks,
): void {
  usePagePixels(context, camera);
  for (const stick of [sticks.move, sticks.aim]) {
    if (stick !== undefined) drawStick(context, stick);
  }
}

function drawStick(context: CanvasRenderingContext2D, stick: Stick): void {
  const x = stick.x - stick.originX;
  const y = stick.y - stick.originY;
  const shrink = Math.min(1, STICK_PIXELS / Math.max(1, Math.hypot(x, y)));
  context.fillStyle = "rgb(140 180 255 / 12%)";
  context.strokeStyle = "rgb(140 200 255 / 40%)";
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(stick.originX, stick.originY, STICK_PIXELS, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = "rgb(94 231 255 / 55%)";
  context.beginPath();
  context.arc(stick.originX + x * shrink, stick.originY + y * shrink, 24, 0, 2 * Math.PI);
  context.fill();
}

/** The own ship is destroyed: darkness from the edges, and when it is back. */
export function drawRespawn(
  context: CanvasRenderingContext2D,
  camera: Camera,
  secondsLeft: number,
): void {
  usePagePixels(context, camera);
  const { widthPixels: width, heightPixels: height } = camera;
  const dark = context.createRadialGradient(
    width / 2,
    height / 2,
    Math.min(width, height) * 0.2,
    width / 2,
    height / 2,
    Math.max(width, height) * 0.65,
  );
  dark.addColorStop(0, "rgb(60 0 14 / 15%)");
  dark.addColorStop(1, "rgb(60 0 14 / 75%)");
  context.fillStyle = dark;
  context.fillRect(0, 0, width, height);
  context.textAlign = "center";
  context.fillStyle = "#ffd7dc";
  context.font = "600 30px system-ui, sans-serif";
  context.fillText("Destroyed", width / 2, height / 2 - 10);
  context.font = "16px system-ui, sans-serif";
  const seconds = Math.max(0, secondsLeft).toFixed(1);
  context.fillText(`Back in ${seconds} s`, width / 2, height / 2 + 20);
}
