/**
 * The arena as one player sees it: own ship ahead of the server, others a little behind, drawn once per frame.
 * @module
 */
import {
  ArenaButton,
  type ArenaControls,
  encodeArenaCommand,
  FIRE_COOLDOWN_SECONDS,
  HEALTH_MAX,
} from "../../../rooms/arena/prediction.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";
import type { ArenaFrame } from "../../arena/arena-frame.ts";
import { ArenaSight } from "../../arena/arena-sight.ts";
import type { ArenaView, ShipView } from "../../arena/arena-view.ts";
import type { Pose } from "../../arena/remote-ships.ts";
import type { MatchConnection } from "../../connection.ts";
import type { Feel } from "../../timing/feel-meter.ts";
import { context2d, element } from "../elements.ts";
import { drawGround, drawObstacle, drawSpace } from "./backdrop.ts";
import { Camera } from "./camera.ts";
import { ArenaHud } from "./hud.ts";
import { type MapMark, Minimap } from "./minimap.ts";
import { OWN_COLOUR, shipColour } from "./palette.ts";
import { Particles } from "./particles.ts";
import { PilotInput } from "./pilot-input.ts";
import { drawRespawn, drawSticks } from "./screen-drawing.ts";
import { drawShip, drawShipLabel, drawShot, type ShownShip } from "./ship-drawing.ts";

/** Figures are for reading, not for watching. */
const HUD_INTERVAL_MS = 100;

const NOBODY: ArenaFrame["others"] = new Map();

interface Seen {
  readonly health: number;
  readonly isAlive: boolean;
  readonly at: { readonly x: number; readonly y: number } | undefined;
}

interface Seating {
  readonly connection: MatchConnection<ArenaReplica>;
  readonly sight: ArenaSight;
  /** What was seen last of each ship, to notice hits and ends; by seat. */
  readonly seen: Map<number, Seen>;
}

export class ArenaScene {
  readonly #context: CanvasRenderingContext2D;
  readonly #camera = new Camera();
  readonly #particles = new Particles();
  readonly #hud = new ArenaHud();
  readonly #minimap = new Minimap(element("minimap", HTMLCanvasElement));
  readonly #input: PilotInput;
  #seating: Seating | undefined;
  #hudAtMs = 0;
  #flashAtMs = 0;
  #ownPose: Pose | undefined;
  #others = NOBODY;

  constructor(stage: HTMLCanvasElement) {
    this.#context = context2d(stage);
    this.#input = new PilotInput(stage);
  }

  /** Where the own ship is shown, metres; `undefined` while there is none. */
  get ownPose(): Pose | undefined {
    return this.#ownPose;
  }

  /** Where others are shown, metres. */
  get others(): { seat: number; x: number; y: number }[] {
    return [...this.#others].map(([seat, { x, y }]) => ({ seat, x, y }));
  }

  /** The match as it was heard of last; `undefined` without one. */
  get view(): ArenaView | undefined {
    return this.#seating?.sight.view;
  }

  /** Corrections, jitter and delay as they are felt; `undefined` without a match. */
  feel(nowMs: number): Feel | undefined {
    return this.#seating?.sight.feel(nowMs);
  }

  /** Begins to show a match. The state must be here already. */
  enter(connection: MatchConnection<ArenaReplica>, nowMs: number): void {
    const sight = new ArenaSight(connection.welcome, () => connection.state);
    this.#seating = { connection, sight, seen: new Map() };
    this.#particles.clear();
    this.#hud.show(true);
    sight.stateChanged(nowMs);
    connection.takeSnapshots((payload) => sight.snapshot(payload, performance.now()));
  }

  /** Back in the seat: what was on its way when the connection dropped is lost. */
  reseated(): void {
    this.#seating?.sight.reconnected();
  }

  stateChanged(nowMs: number): void {
    this.#seating?.sight.stateChanged(nowMs);
  }

  /** Sends the commands that are due and draws everything. */
  frame(nowMs: number): void {
    this.#camera.fit(this.#context.canvas);
    const seating = this.#seating;
    const frame = seating && this.#fly(seating, nowMs);
    this.#ownPose = frame?.own;
    this.#others = frame?.others ?? NOBODY;
    // While the ship is destroyed the camera stays where it was.
    const target = this.#ownPose ?? this.#camera;
    const { widthMetres = 0, heightMetres = 0 } = seating?.connection.state ?? {};
    this.#camera.follow(target, { widthMetres, heightMetres }, nowMs);
    drawSpace(this.#context, this.#camera);
    if (seating !== undefined && frame !== undefined) this.#draw(seating, frame, nowMs);
  }

  #fly({ connection, sight, seen }: Seating, nowMs: number): ArenaFrame {
    const isPlaying = connection.phase === "playing" && sight.view.phase === "playing";
    const controls = isPlaying ? this.#input.controls(() => this.#ownOnScreen()) : undefined;
    const frame = sight.frame(controls, nowMs);
    for (const command of frame.commands) connection.sendCommand(encodeArenaCommand(command));
    const { seat } = connection.welcome;
    for (const ship of sight.view.ships.values()) this.#noticeHits(ship, seen, frame, seat, nowMs);
    for (const { x, y } of frame.hits) this.#particles.spark(x, y, OWN_COLOUR, nowMs);
    for (const { x, y, ownerSeat } of frame.ended) {
      this.#particles.spark(x, y, shipColour(ownerSeat, seat), nowMs);
    }
    if (controls !== undefined && frame.own !== undefined) {
      this.#showEffort(frame.own, controls, nowMs);
    }
    return frame;
  }

  #showEffort(pose: Pose, { buttons }: ArenaControls, nowMs: number): void {
    this.#showEngine(pose, buttons, nowMs);
    const isReady = nowMs - this.#flashAtMs >= FIRE_COOLDOWN_SECONDS * 1000;
    if ((buttons & ArenaButton.FIRE) === 0 || !isReady) return;
    this.#flashAtMs = nowMs;
    const x = pose.x + Math.cos(pose.angle);
    const y = pose.y + Math.sin(pose.angle);
    this.#particles.spark(x, y, OWN_COLOUR, nowMs);
  }

  #showEngine(pose: Pose, buttons: number, nowMs: number): void {
    const across =
      Number((buttons & ArenaButton.RIGHT) !== 0) - Number((buttons & ArenaButton.LEFT) !== 0);
    const along =
      Number((buttons & ArenaButton.DOWN) !== 0) - Number((buttons & ArenaButton.UP) !== 0);
    if (across === 0 && along === 0) return;
    const length = Math.hypot(across, along);
    this.#particles.exhaust(
      pose.x - (across / length) * 0.7,
      pose.y - (along / length) * 0.7,
      across / length,
      along / length,
      nowMs,
    );
  }

  #noticeHits(
    { seat, isAlive, body }: ShipView,
    seen: Seating["seen"],
    frame: ArenaFrame,
    ownSeat: number,
    nowMs: number,
  ): void {
    const before = seen.get(seat);
    const isOwn = seat === ownSeat;
    const at = isOwn ? (frame.own ?? this.#ownPose) : (frame.others.get(seat) ?? body);
    const health = body?.health ?? before?.health ?? HEALTH_MAX;
    // Others are shown a little in the past, and end there.
    const isShownAlive = isAlive || (!isOwn && frame.others.has(seat));
    seen.set(seat, { health: isAlive ? health : HEALTH_MAX, isAlive: isShownAlive, at });
    if (before === undefined) return;
    const colour = shipColour(seat, ownSeat);
    const place = at ?? before.at;
    if (place === undefined) return;
    if (before.isAlive && !isShownAlive) {
      this.#particles.explode(place.x, place.y, colour, nowMs);
      this.#camera.shake(isOwn ? 1 : 0.3);
    } else if (isAlive && health < before.health) {
      this.#particles.hit(place.x, place.y, colour, nowMs);
      if (isOwn) this.#camera.shake(0.5);
    }
  }

  #draw({ connection, sight }: Seating, frame: ArenaFrame, nowMs: number): void {
    const context = this.#context;
    const { seat } = connection.welcome;
    const { view } = sight;
    const ships = shownShips(view, frame, seat);
    this.#camera.apply(context);
    drawGround(context, view.widthMetres, view.heightMetres);
    for (const obstacle of view.obstacles) drawObstacle(context, obstacle);
    for (const shot of frame.othersShots) {
      drawShot(context, shot, shot, shipColour(shot.ownerSeat, seat));
    }
    for (const shot of frame.ownShots) drawShot(context, shot, shot, OWN_COLOUR);
    for (const ship of ships) drawShip(context, ship);
    this.#particles.draw(context, nowMs);
    for (const ship of ships) drawShipLabel(context, ship, this.#camera.scale);
    drawSticks(context, this.#camera, this.#input.sticks);
    const own = view.ships.get(seat);
    if (own !== undefined && !own.isAlive && view.phase === "playing") {
      drawRespawn(context, this.#camera, (own.respawnAtTick - view.tick) / view.tickRateHz);
    }
    if (nowMs - this.#hudAtMs < HUD_INTERVAL_MS) return;
    this.#hudAtMs = nowMs;
    this.#hud.update(view, seat);
    this.#minimap.draw(view, view.obstacles, ships.map(markOf));
  }

  #ownOnScreen(): { x: number; y: number } {
    const { widthPixels, heightPixels, scale, x, y } = this.#camera;
    const own = this.#ownPose ?? { x, y };
    return { x: widthPixels / 2 + (own.x - x) * scale, y: heightPixels / 2 + (own.y - y) * scale };
  }
}

function shownShips(view: ArenaView, { own, others }: ArenaFrame, ownSeat: number): ShownShip[] {
  const shown: ShownShip[] = [];
  const show = (seat: number, pose: Pose): void => {
    const ship = view.ships.get(seat);
    // Shown a little in the past, its player may have left by now.
    if (ship === undefined) return;
    const { name, body } = ship;
    const colour = shipColour(seat, ownSeat);
    shown.push({ pose, colour, name, health: body?.health ?? 0, isOwn: seat === ownSeat });
  };
  for (const [seat, pose] of others) show(seat, pose);
  // The own ship comes last: it is drawn on top of the others.
  if (own !== undefined) show(ownSeat, own);
  return shown;
}

function markOf(ship: ShownShip): MapMark {
  return { x: ship.pose.x, y: ship.pose.y, colour: ship.colour, isOwn: ship.isOwn };
}
