/**
 * Ships, shots and names. Everything draws in world metres.
 * @module
 */
import { HEALTH_MAX, SHIP_RADIUS_METRES } from "../../../rooms/arena/prediction.ts";
import type { Pose } from "../../arena/remote-ships.ts";

/** A shot is drawn as long as the way it flies in this time. */
const SHOT_SECONDS = 0.03;
/** Names are as large on a phone as on a desk; page pixels. */
const NAME_PIXELS = 13;

export interface ShownShip {
  readonly pose: Pose;
  readonly colour: string;
  /** Untrusted; drawn as text, which cannot be anything else. */
  readonly name: string;
  /** 0 to `HEALTH_MAX`. */
  readonly health: number;
  readonly isOwn: boolean;
}

/** Hull and glow. */
export function drawShip(context: CanvasRenderingContext2D, ship: ShownShip): void {
  const { pose, colour } = ship;
  const radius = SHIP_RADIUS_METRES;
  context.save();
  context.translate(pose.x, pose.y);
  const glow = context.createRadialGradient(0, 0, 0, 0, 0, radius * 2.6);
  glow.addColorStop(0, `${colour}66`);
  glow.addColorStop(1, `${colour}00`);
  context.fillStyle = glow;
  context.fillRect(-radius * 2.6, -radius * 2.6, radius * 5.2, radius * 5.2);
  context.rotate(pose.angle);
  context.beginPath();
  context.moveTo(radius * 1.25, 0);
  context.lineTo(-radius * 0.85, radius * 0.9);
  context.lineTo(-radius * 0.4, 0);
  context.lineTo(-radius * 0.85, -radius * 0.9);
  context.closePath();
  context.fillStyle = "#0c1430";
  context.strokeStyle = colour;
  context.lineJoin = "round";
  context.lineWidth = 0.16;
  context.fill();
  context.stroke();
  context.beginPath();
  context.arc(radius * 0.15, 0, radius * 0.26, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.restore();
}

/** Name and health above a ship. */
export function drawShipLabel(
  context: CanvasRenderingContext2D,
  ship: ShownShip,
  pixelsPerMetre: number,
): void {
  const { x, y } = ship.pose;
  context.font = `${NAME_PIXELS / pixelsPerMetre}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.fillStyle = ship.isOwn ? "#c9f6ff" : "rgb(230 236 255 / 80%)";
  context.fillText(ship.name, x, y - SHIP_RADIUS_METRES - 1.05);
  const width = 2.2;
  const left = Math.max(0, Math.min(1, ship.health / HEALTH_MAX));
  const top = y - SHIP_RADIUS_METRES - 0.75;
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.fillRect(x - width / 2, top, width, 0.24);
  context.fillStyle = left > 0.4 ? "#6df0b0" : "#ff6b7d";
  context.fillRect(x - width / 2, top, width * left, 0.24);
}

/** A streak that ends where the shot is. */
export function drawShot(
  context: CanvasRenderingContext2D,
  at: { readonly x: number; readonly y: number },
  velocity: { readonly vx: number; readonly vy: number },
  colour: string,
): void {
  context.beginPath();
  context.moveTo(at.x - velocity.vx * SHOT_SECONDS, at.y - velocity.vy * SHOT_SECONDS);
  context.lineTo(at.x, at.y);
  context.lineCap = "round";
  context.strokeStyle = `${colour}55`;
  context.lineWidth = 0.6;
  context.stroke();
  context.strokeStyle = "#ffffff";
  context.lineWidth = 0.18;
  context.stroke();
}
