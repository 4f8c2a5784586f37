/** Sparks of hits, explosions and engines: only for show, known to nobody but this page. */

/** More than this nobody sees; the oldest go first. */
const PARTICLES_MAX = 600;

interface Particle {
  x: number;
  y: number;
  /** Metres per second. */
  vx: number;
  vy: number;
  readonly colour: string;
  readonly radiusMetres: number;
  readonly bornAtMs: number;
  readonly lifeMs: number;
}

interface Ring {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly bornAtMs: number;
}

const RING_MS = 500;
const RING_METRES = 5;

export class Particles {
  #particles: Particle[] = [];
  #rings: Ring[] = [];
  #movedAtMs = 0;

  /** A shot ended: a few sparks. */
  spark(x: number, y: number, colour: string, nowMs: number): void {
    for (let count = 0; count < 6; count++) this.#add(x, y, 7, colour, 0.1, 260, nowMs);
  }

  /** A ship was hit. */
  hit(x: number, y: number, colour: string, nowMs: number): void {
    for (let count = 0; count < 12; count++) this.#add(x, y, 11, colour, 0.14, 380, nowMs);
    for (let count = 0; count < 5; count++) this.#add(x, y, 14, "#ffffff", 0.1, 240, nowMs);
  }

  /** A ship was destroyed. */
  explode(x: number, y: number, colour: string, nowMs: number): void {
    for (let count = 0; count < 42; count++) this.#add(x, y, 18, colour, 0.22, 900, nowMs);
    for (let count = 0; count < 18; count++) this.#add(x, y, 10, "#ffe2a8", 0.3, 600, nowMs);
    this.#rings.push({ x, y, colour, bornAtMs: nowMs });
  }

  /** Exhaust of an engine, against the direction of thrust. */
  exhaust(x: number, y: number, towardsX: number, towardsY: number, nowMs: number): void {
    const spread = (Math.random() - 0.5) * 3;
    this.#particles.push({
      x,
      y,
      vx: -towardsX * 9 - towardsY * spread,
      vy: -towardsY * 9 + towardsX * spread,
      colour: "#8fd8ff",
      radiusMetres: 0.12,
      bornAtMs: nowMs,
      lifeMs: 260,
    });
  }

  /** Draws in world metres, with additive light. */
  draw(context: CanvasRenderingContext2D, nowMs: number): void {
    this.#move(nowMs);
    context.globalCompositeOperation = "lighter";
    for (const particle of this.#particles) {
      const left = 1 - (nowMs - particle.bornAtMs) / particle.lifeMs;
      context.globalAlpha = Math.max(0, left);
      context.fillStyle = particle.colour;
      context.beginPath();
      context.arc(particle.x, particle.y, particle.radiusMetres * (0.4 + left), 0, 2 * Math.PI);
      context.fill();
    }
    for (const ring of this.#rings) drawRing(context, ring, nowMs);
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
  }

  clear(): void {
    this.#particles = [];
    this.#rings = [];
  }

  #add(
    x: number,
    y: number,
    speed: number,
    colour: string,
    radiusMetres: number,
    lifeMs: number,
    nowMs: number,
  ): void {
    const angle = Math.random() * 2 * Math.PI;
    const pace = speed * (0.2 + 0.8 * Math.random());
    this.#particles.push({
      x,
      y,
      vx: Math.cos(angle) * pace,
      vy: Math.sin(angle) * pace,
      colour,
      radiusMetres,
      bornAtMs: nowMs,
      lifeMs: lifeMs * (0.5 + 0.5 * Math.random()),
    });
  }

  #move(nowMs: number): void {
    const seconds = Math.min(0.1, (nowMs - this.#movedAtMs) / 1000);
    this.#movedAtMs = nowMs;
    this.#rings = this.#rings.filter((ring) => nowMs - ring.bornAtMs < RING_MS);
    const living = this.#particles.filter((one) => nowMs - one.bornAtMs < one.lifeMs);
    this.#particles = living.slice(-PARTICLES_MAX);
    const kept = Math.exp(-2.4 * seconds);
    for (const particle of this.#particles) {
      particle.x += particle.vx * seconds;
      particle.y += particle.vy * seconds;
      particle.vx *= kept;
      particle.vy *= kept;
    }
  }
}

function drawRing(context: CanvasRenderingContext2D, ring: Ring, nowMs: number): void {
  const age = (nowMs - ring.bornAtMs) / RING_MS;
  context.globalAlpha = (1 - age) * 0.8;
  context.strokeStyle = ring.colour;
  context.lineWidth = 0.35 * (1 - age);
  context.beginPath();
  context.arc(ring.x, ring.y, RING_METRES * Math.sqrt(age), 0, 2 * Math.PI);
  context.stroke();
}
