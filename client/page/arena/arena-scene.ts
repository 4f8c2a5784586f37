/**
 * The arena as one player sees it: own ship ahead of the server, others a little behind, drawn once per frame.
 * @module
 */
import {
  ArenaButton,
  createGround,
  encodeArenaCommand,
  FIRE_COOLDOWN_SECONDS,
  type ShipBody,
  toTickEighths,
} from "../../../rooms/arena/prediction.ts";
import type { ArenaReplica, ShipReplica } from "../../../rooms/arena/replica.ts";
import { InterpolationBuffer, type Pose } from "../../arena/interpolation.ts";
import { ShipPrediction } from "../../arena/prediction.ts";
import { ProjectileTracks, type Track } from "../../arena/projectile-tracks.ts";
import type { MatchConnection } from "../../connection.ts";
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

interface Seating {
  readonly connection: MatchConnection<ArenaReplica>;
  readonly prediction: ShipPrediction;
  readonly others: InterpolationBuffer;
  readonly tracks: ProjectileTracks;
  /** What was seen last of each ship, to notice hits and ends; by seat. */
  readonly seen: Map<string, { health: number; isAlive: boolean }>;
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

  constructor(stage: HTMLCanvasElement) {
    this.#context = context2d(stage);
    this.#input = new PilotInput(stage);
  }

  /** Where the own ship is shown, metres; `undefined` while there is none. */
  get ownPose(): Pose | undefined {
    return this.#ownPose;
  }

  /** Begins to show a match. The state must be here already. */
  enter(connection: MatchConnection<ArenaReplica>, nowMs: number): void {
    const { state, welcome } = connection;
    const obstacles = [...state.obstacles].map(({ x, y, radius }) => ({
      xMetres: x,
      yMetres: y,
      radiusMetres: radius,
    }));
    const ground = createGround(state.widthMetres, state.heightMetres, obstacles);
    this.#seating = {
      connection,
      prediction: new ShipPrediction(welcome.tickRateHz, ground),
      others: new InterpolationBuffer(welcome.tickRateHz),
      tracks: new ProjectileTracks(welcome.tickRateHz),
      seen: new Map(),
    };
    this.#particles.clear();
    this.#hud.show(true);
    this.stateChanged(nowMs);
  }

  /** Back in the seat: what was on its way when the connection dropped is lost. */
  reseated(): void {
    this.#seating?.prediction.reconnected();
  }

  stateChanged(nowMs: number): void {
    const seating = this.#seating;
    if (seating === undefined) return;
    const { state, welcome } = seating.connection;
    const poses = new Map<string, Pose>();
    for (const [key, ship] of state.ships) {
      if (ship.isAlive) poses.set(key, { x: ship.x, y: ship.y, angle: ship.angle });
      this.#noticeHits(seating, key, ship, nowMs);
    }
    seating.others.push(state.tick, poses, nowMs);
    const own = state.ships.get(String(welcome.seat));
    if (own !== undefined) seating.prediction.answer(bodyOf(own), own.ack, nowMs);
    for (const track of seating.tracks.update(state.projectiles, state.tick)) {
      const { x, y } = seating.tracks.position(track, state.tick);
      this.#particles.spark(x, y, shipColour(track.ownerSeat, welcome.seat), nowMs);
    }
  }

  /** Issues the commands that are due and draws everything. */
  frame(nowMs: number): void {
    this.#camera.fit(this.#context.canvas);
    const seating = this.#seating;
    if (seating !== undefined) this.#fly(seating, nowMs);
    this.#ownPose = seating?.prediction.pose(nowMs);
    // While the ship is destroyed the camera stays where it was.
    const target = this.#ownPose ?? this.#camera;
    const { widthMetres = 0, heightMetres = 0 } = seating?.connection.state ?? {};
    this.#camera.follow(target, { widthMetres, heightMetres }, nowMs);
    drawSpace(this.#context, this.#camera);
    if (seating !== undefined) this.#draw(seating, nowMs);
  }

  #fly(seating: Seating, nowMs: number): void {
    const { connection, prediction } = seating;
    if (connection.phase !== "playing" || connection.state.phase !== "playing") return;
    const controls = this.#input.controls(() => this.#ownOnScreen());
    for (const command of prediction.issue(controls, nowMs)) {
      const seenTickEighths = toTickEighths(connection.state.tick);
      connection.sendCommand(encodeArenaCommand({ ...command, seenTickEighths }));
    }
    const pose = prediction.pose(nowMs);
    if (pose === undefined) return;
    this.#showEngine(pose, controls.buttons, nowMs);
    const isReady = nowMs - this.#flashAtMs >= FIRE_COOLDOWN_SECONDS * 1000;
    if ((controls.buttons & ArenaButton.FIRE) !== 0 && isReady) {
      // The flash at the muzzle is shown at once; the shot itself when the server says so.
      this.#flashAtMs = nowMs;
      const x = pose.x + Math.cos(pose.angle);
      const y = pose.y + Math.sin(pose.angle);
      this.#particles.spark(x, y, OWN_COLOUR, nowMs);
    }
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

  #noticeHits(seating: Seating, key: string, ship: ShipReplica, nowMs: number): void {
    const { seat } = seating.connection.welcome;
    const before = seating.seen.get(key);
    seating.seen.set(key, { health: ship.health, isAlive: ship.isAlive });
    if (before === undefined) return;
    const isOwn = ship.seat === seat;
    const at = isOwn ? (this.#ownPose ?? ship) : ship;
    const colour = shipColour(ship.seat, seat);
    if (before.isAlive && !ship.isAlive) {
      this.#particles.explode(at.x, at.y, colour, nowMs);
      this.#camera.shake(isOwn ? 1 : 0.3);
    } else if (ship.health < before.health) {
      this.#particles.hit(at.x, at.y, colour, nowMs);
      if (isOwn) this.#camera.shake(0.5);
    }
  }

  #draw(seating: Seating, nowMs: number): void {
    const context = this.#context;
    const { state, welcome } = seating.connection;
    const ships = this.#shownShips(seating, nowMs);
    this.#camera.apply(context);
    drawGround(context, state.widthMetres, state.heightMetres);
    for (const obstacle of state.obstacles) drawObstacle(context, obstacle);
    // Once the match is over nothing moves, but the ticks that shots are placed by go on.
    if (state.phase === "playing") this.#drawShots(seating, nowMs);
    for (const ship of ships) drawShip(context, ship);
    this.#particles.draw(context, nowMs);
    for (const ship of ships) drawShipLabel(context, ship, this.#camera.scale);
    drawSticks(context, this.#camera, this.#input.sticks);
    const own = state.ships.get(String(welcome.seat));
    if (own !== undefined && !own.isAlive && state.phase === "playing") {
      drawRespawn(context, this.#camera, (own.respawnAtTick - state.tick) / welcome.tickRateHz);
    }
    if (nowMs - this.#hudAtMs < HUD_INTERVAL_MS) return;
    this.#hudAtMs = nowMs;
    this.#hud.update(state, welcome.seat);
    this.#minimap.draw(state, state.obstacles, ships.map(markOf));
  }

  #shownShips(seating: Seating, nowMs: number): ShownShip[] {
    const { state, welcome } = seating.connection;
    const poses = seating.others.sample(nowMs);
    const ownKey = String(welcome.seat);
    poses.delete(ownKey);
    // The own ship comes last: it is drawn on top of the others.
    if (this.#ownPose !== undefined) poses.set(ownKey, this.#ownPose);
    return [...poses].flatMap(([key, pose]) => {
      const ship = state.ships.get(key);
      // Shown a little in the past, it may be gone or destroyed by now.
      if (ship === undefined || !ship.isAlive) return [];
      const colour = shipColour(ship.seat, welcome.seat);
      const isOwn = key === ownKey;
      return [{ pose, colour, name: ship.name, health: ship.health, isOwn }];
    });
  }

  #drawShots(seating: Seating, nowMs: number): void {
    const { tracks, others, prediction, connection } = seating;
    const { seat } = connection.welcome;
    const isOwn = (track: Track): boolean => track.ownerSeat === seat;
    // Own shots belong to the ship that is shown ahead of the server, others' to ships shown in the past.
    const ownTick = connection.state.tick + prediction.ticksAhead;
    const othersTick = others.shownTick(nowMs);
    const draw = (track: Track, tick: number): void => {
      const colour = shipColour(track.ownerSeat, seat);
      drawShot(this.#context, tracks.position(track, tick), track, colour);
    };
    for (const track of tracks.at(ownTick, isOwn)) draw(track, ownTick);
    for (const track of tracks.at(othersTick, (one) => !isOwn(one))) draw(track, othersTick);
  }

  #ownOnScreen(): { x: number; y: number } {
    const { widthPixels, heightPixels, scale, x, y } = this.#camera;
    const own = this.#ownPose ?? { x, y };
    return { x: widthPixels / 2 + (own.x - x) * scale, y: heightPixels / 2 + (own.y - y) * scale };
  }
}

function bodyOf(ship: ShipReplica): ShipBody | undefined {
  if (!ship.isAlive) return undefined;
  return {
    xMetres: ship.x,
    yMetres: ship.y,
    vxMetresPerSecond: ship.vx,
    vyMetresPerSecond: ship.vy,
    angleRadians: ship.angle,
  };
}

function markOf(ship: ShownShip): MapMark {
  return { x: ship.pose.x, y: ship.pose.y, colour: ship.colour, isOwn: ship.isOwn };
}
