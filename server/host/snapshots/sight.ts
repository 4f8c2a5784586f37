import type { Interest } from "../../../rooms/simulation.ts";
import { type Cell, squaredDistanceToCell } from "./cells.ts";
import type { Picks } from "./picks.ts";
import type { Scene } from "./scene.ts";
import { grown } from "./slots.ts";

/** What a group may see: all there is, nothing, or what is around a cell. */
export type Scope = "everything" | "nothing" | Cell;

/** Which entities are in a group's stream, and which enter it. */
export class Sight {
  readonly #scope: Scope;
  readonly #interest: Interest | undefined;
  /** By slot: the last tick at which the entity was in the stream, plus 1. */
  #known = new Int32Array(64);
  /** The tick of the last look; -1 before the first. */
  #tick = -1;
  /** Slots of entities that found no room in the stream; those that wait longest come first. */
  readonly #waiting = new Set<number>();
  /** Indices of entities that are to enter the stream. */
  readonly #entering: number[] = [];

  constructor(scope: Scope, interest: Interest | undefined) {
    this.#scope = scope;
    this.#interest = interest;
  }

  /**
   * Picks what the group is sent of a scene.
   * @param enteringBytesMax - What entities may take that enter the stream; others wait.
   * @param bytesOf - By kind: what one of them takes at most.
   */
  look(scene: Scene, picks: Picks, enteringBytesMax: number, bytesOf: readonly number[]): void {
    const { born } = scene.slots;
    if (this.#known.length < born.length) {
      this.#known = grown(this.#known, new Int32Array(born.length));
    }
    picks.begin(scene);
    this.#entering.length = 0;
    if (this.#scope === "everything") this.#lookEverywhere(scene, picks);
    else if (this.#scope !== "nothing") this.#lookAround(this.#scope, scene, picks);
    this.#tick = scene.tick;
    this.#admit(scene, picks, enteringBytesMax, bytesOf);
  }

  /** Whether an entity is in the stream as of the last look. */
  has(scene: Scene, index: number): boolean {
    return this.#tick >= 0 && this.#known[scene.slots.at[index] ?? 0] === this.#tick + 1;
  }

  #lookEverywhere(scene: Scene, picks: Picks): void {
    for (let index = 0; index < scene.count; index++) {
      if (this.#keeps(scene, index)) picks.pick(scene, index, true);
      else this.#entering.push(index);
    }
  }

  #lookAround(cell: Cell, scene: Scene, picks: Picks): void {
    const { nearMetres, farMetres, farEveryTicks, cellMetres } = this.#interest as Interest;
    const seenMetres = Math.max(nearMetres, farMetres);
    const keptMetres = seenMetres + cellMetres;
    const [near, seen, kept] = [nearMetres ** 2, seenMetres ** 2, keptMetres ** 2];
    const ticks = scene.tick - this.#tick;
    scene.visitNear(cell, keptMetres, (index, { xMetres, yMetres }) => {
      const squared = squaredDistanceToCell(cell, xMetres, yMetres);
      if (squared > kept) return;
      if (this.#keeps(scene, index)) {
        // Far ones take turns by slot, so that about as many are due at every tick.
        const slot = scene.slots.at[index] ?? 0;
        picks.pick(scene, index, squared <= near || (scene.tick + slot) % farEveryTicks < ticks);
      } else if (squared <= seen) this.#entering.push(index);
    });
  }

  /** @returns Whether an entity was in the stream before, and marks that it stays there. */
  #keeps(scene: Scene, index: number): boolean {
    const slot = scene.slots.at[index] ?? 0;
    // Who held the slot at the last look may have been another.
    const isKnown =
      this.#known[slot] === this.#tick + 1 && (scene.slots.born[slot] ?? 0) <= this.#tick;
    if (isKnown) this.#known[slot] = scene.tick + 1;
    return isKnown;
  }

  /** Lets entities into the stream: all if there is room for all, else those that waited longest. */
  #admit(scene: Scene, picks: Picks, bytesMax: number, bytesOf: readonly number[]): void {
    const entering = this.#entering;
    let bytes = 0;
    for (const index of entering) bytes += bytesOf[scene.kindOf(index)] ?? 0;
    if (bytes <= bytesMax) {
      this.#waiting.clear();
      for (const index of entering) this.#let(scene, picks, index);
      return;
    }
    const indices = new Map(entering.map((index) => [scene.slots.at[index] ?? 0, index]));
    for (const slot of this.#waiting) if (!indices.has(slot)) this.#waiting.delete(slot);
    for (const slot of indices.keys()) this.#waiting.add(slot);
    let left = bytesMax;
    for (const slot of this.#waiting) {
      const index = indices.get(slot) as number;
      left -= bytesOf[scene.kindOf(index)] ?? 0;
      if (left < 0) break;
      this.#waiting.delete(slot);
      this.#let(scene, picks, index);
    }
  }

  #let(scene: Scene, picks: Picks, index: number): void {
    this.#known[scene.slots.at[index] ?? 0] = scene.tick + 1;
    picks.pick(scene, index, true);
  }
}
