import type { Interest } from "../../../rooms/simulation.ts";
import { type Cell, squaredMetresTo } from "./cells.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";
import type { Picks } from "./picks.ts";
import type { Places } from "./places.ts";
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
  /** Slots of what is in the stream, and of what was in it at the look before. */
  #slots = new Uint32Array(64);
  #former = new Uint32Array(64);
  #count = 0;
  /** How many entities may enter the stream for certain: among no more nobody needs to be told from who is in it. */
  #entersMax = 0;
  /** The tick of the last look; -1 before the first. */
  #tick = -1;
  /** Indices of entities that are to enter the stream. */
  readonly #entering: number[] = [];
  /** Slots of entities that found no room in the stream; those that wait longest come first. */
  readonly #waiting = new Set<number>();

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
    const formerCount = this.#count;
    this.#begin(scene, picks);
    this.#entersMax = Math.floor(enteringBytesMax / Math.max(...bytesOf));
    if (this.#scope === "everything") this.#lookEverywhere(scene, picks);
    else if (this.#scope !== "nothing") {
      this.#lookAround(this.#scope, scene, picks);
      this.#lookAfter(this.#scope, scene, picks, formerCount);
    }
    this.#admit(scene, picks, enteringBytesMax, bytesOf);
    this.#tick = scene.tick;
  }

  /** Whether an entity is in the stream as of the last look. */
  has(scene: Scene, index: number): boolean {
    return this.#tick >= 0 && this.#known[scene.slots.at[index] ?? 0] === this.#tick + 1;
  }

  #begin(scene: Scene, picks: Picks): void {
    picks.begin(scene);
    this.#entering.length = 0;
    this.#count = 0;
    [this.#slots, this.#former] = [this.#former, this.#slots];
    const slotsMax = scene.slots.born.length;
    if (this.#known.length < slotsMax) {
      this.#known = grown(this.#known, new Int32Array(slotsMax));
    }
    if (this.#slots.length < slotsMax) this.#slots = new Uint32Array(slotsMax);
  }

  #lookEverywhere(scene: Scene, picks: Picks): void {
    const mayAllEnter = scene.count <= this.#entersMax;
    for (let index = 0; index < scene.count; index++) {
      const slot = scene.slots.at[index] ?? 0;
      if (mayAllEnter || this.#isKnown(scene, slot)) this.#take(scene, picks, index, slot, true);
      else this.#entering.push(index);
    }
  }

  #lookAround(cell: Cell, scene: Scene, picks: Picks): void {
    const { nearMetres, farMetres, farEveryTicks } = this.#interest as Interest;
    const places = scene.places as Places;
    const { xs, ys } = places;
    const { indices } = places.grid;
    const seenMetres = Math.max(nearMetres, farMetres);
    const [near, seen] = [nearMetres ** 2, seenMetres ** 2];
    const ticks = scene.tick - this.#tick;
    const { at: slots } = scene.slots;
    const mayAllEnter = places.countNear(cell, seenMetres) <= this.#entersMax;
    places.visitRuns(cell, seenMetres, (start, end) => {
      for (let at = start; at < end; at++) {
        const squared = squaredMetresTo(cell, xs[at] ?? 0, ys[at] ?? 0);
        if (squared > seen) continue;
        const index = indices[at] ?? 0;
        const slot = slots[index] ?? 0;
        if (mayAllEnter || this.#isKnown(scene, slot)) {
          const isDue = squared <= near || (scene.tick + slot) % farEveryTicks < ticks;
          this.#take(scene, picks, index, slot, isDue);
        } else this.#entering.push(index);
      }
    });
  }

  /** What went out of sight stays in the stream until it is somewhat farther, lest it comes and goes at the border. */
  #lookAfter(cell: Cell, scene: Scene, picks: Picks, formerCount: number): void {
    const { nearMetres, farMetres, farEveryTicks, cellMetres } = this.#interest as Interest;
    const places = scene.places as Places;
    const keptMetres = cellMetres * SNAPSHOT_LIMITS.keptShare;
    const kept = (Math.max(nearMetres, farMetres) + keptMetres) ** 2;
    const ticks = scene.tick - this.#tick;
    for (let at = 0; at < formerCount; at++) {
      const slot = this.#former[at] ?? 0;
      const index = this.#isKnown(scene, slot) ? scene.slots.indexOf(slot, scene.tick) : -1;
      if (index < 0) continue;
      const { xMetres, yMetres } = places.of(index);
      if (squaredMetresTo(cell, xMetres, yMetres) > kept) continue;
      // Far ones take turns by slot, so that about as many are due at every tick.
      this.#take(scene, picks, index, slot, (scene.tick + slot) % farEveryTicks < ticks);
    }
  }

  /** Whether an entity was in the stream at the look before, and has not been taken since. */
  #isKnown(scene: Scene, slot: number): boolean {
    // Who held the slot then may have been another.
    return this.#known[slot] === this.#tick + 1 && (scene.slots.born[slot] ?? 0) <= this.#tick;
  }

  #take(scene: Scene, picks: Picks, index: number, slot: number, isDue: boolean): void {
    this.#known[slot] = scene.tick + 1;
    this.#slots[this.#count++] = slot;
    picks.pick(scene, index, isDue);
  }

  /**
   * Lets entities into the stream. Without room for all, half of it is for those that waited longest, the other half for
   * the newest: those that live for a moment would all be let in at the end of it.
   */
  #admit(scene: Scene, picks: Picks, bytesMax: number, bytesOf: readonly number[]): void {
    const bytesAt = (index: number) => bytesOf[scene.kinds[index] ?? 0] ?? 0;
    let bytes = 0;
    for (const index of this.#entering) bytes += bytesAt(index);
    if (bytes <= bytesMax) {
      this.#waiting.clear();
      for (const index of this.#entering) this.#letIn(scene, picks, index);
      return;
    }
    const indices = this.#queue(scene);
    let [first, last] = [0, indices.length - 1];
    let left = bytesMax;
    while (first <= last) {
      const index = indices[left > bytesMax / 2 ? first++ : last--] ?? 0;
      left -= bytesAt(index);
      if (left < 0) return;
      this.#letIn(scene, picks, index);
    }
  }

  /** @returns Indices of those that are to enter, longest waiting first. */
  #queue(scene: Scene): number[] {
    const { slots } = scene;
    const entering = new Map(this.#entering.map((index) => [slots.at[index] ?? 0, index]));
    for (const slot of this.#waiting) if (!entering.has(slot)) this.#waiting.delete(slot);
    for (const slot of entering.keys()) this.#waiting.add(slot);
    return Array.from(this.#waiting, (slot) => entering.get(slot) ?? 0);
  }

  #letIn(scene: Scene, picks: Picks, index: number): void {
    const slot = scene.slots.at[index] ?? 0;
    this.#waiting.delete(slot);
    this.#take(scene, picks, index, slot, true);
  }
}
