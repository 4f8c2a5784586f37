import { SnapshotEncoder } from "../../../protocol/snapshot-encoder.ts";
import type { Interest, SnapshotLayout } from "../../../rooms/simulation.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";
import type { EntityName, Member, Stream } from "./member.ts";
import type { MessageSizes } from "./message-sizes.ts";
import type { Picks } from "./picks.ts";
import type { Post } from "./post.ts";
import type { Scene } from "./scene.ts";
import { type Scope, Sight } from "./sight.ts";

/** What all groups of an audience share. */
export interface GroupDeps {
  readonly layout: SnapshotLayout;
  readonly tickRateHz: number;
  readonly interest: Interest | undefined;
  readonly scene: Scene;
  readonly picks: Picks;
  readonly sizes: MessageSizes;
  readonly post: Post;
}

/** Those who are sent the same: one stream, encoded once for all. */
export class Group implements Stream {
  readonly scope: Scope;
  readonly roster: Member[] = [];
  /** Last tick at which it had a roster. */
  usedTick = -1;
  readonly #deps: GroupDeps;
  readonly #sight: Sight;
  readonly #encoder: SnapshotEncoder;
  readonly #silenceTicks: number;
  /** Of the last delta. */
  #saidTick = Number.NEGATIVE_INFINITY;

  constructor(scope: Scope, deps: GroupDeps) {
    this.scope = scope;
    this.#deps = deps;
    this.#sight = new Sight(scope, deps.interest);
    this.#encoder = new SnapshotEncoder(deps.layout, deps.tickRateHz);
    this.#silenceTicks = Math.floor(SNAPSHOT_LIMITS.silenceSeconds * deps.tickRateHz);
  }

  /** Sends everybody of the roster what it lacks at this tick, and empties the roster. */
  serve(): void {
    const { scene, sizes, post } = this.#deps;
    this.usedTick = scene.tick;
    const bytesMax = this.#bytesMax();
    // The bytes of some ticks together then make a message that is worth its frame.
    const isPutOff = bytesMax < sizes.deltaBytesMin;
    const delta = isPutOff ? undefined : this.#encode(bytesMax);
    if (delta !== undefined) {
      for (const member of this.roster) if (member.stream === this) post.sendDelta(member, delta);
    }
    for (const member of this.roster) {
      if (member.stream !== this) post.sendKeyframe(member, this);
    }
    if (!isPutOff) {
      for (const member of this.roster) if (member.stream === this) post.sendOwn(member);
    }
    this.roster.length = 0;
  }

  keyframe(): Uint8Array {
    return this.#encoder.keyframe();
  }

  holds({ kind, id }: EntityName): boolean {
    const index = this.#deps.scene.indexOf(kind, id);
    return index >= 0 && this.#sight.has(this.#deps.scene, index);
  }

  isBehind({ kind, id }: EntityName): boolean {
    return this.#encoder.isBehind(kind, id);
  }

  /**
   * What everybody who follows the stream may be sent, less what its OWN message takes: all are sent the same bytes, so
   * the poorest has the say. Those who enter at this tick are not asked.
   */
  #bytesMax(): number {
    const { ownBytes } = this.#deps.sizes;
    let least = Number.POSITIVE_INFINITY;
    for (const { stream, budget, own } of this.roster) {
      if (stream !== this) continue;
      const { bytesMax } = budget;
      const reserved = own === undefined ? 0 : Math.min(ownBytes[own.kind] ?? 0, bytesMax / 2);
      least = Math.min(least, Math.floor(bytesMax - reserved));
    }
    return least;
  }

  #encode(bytesMax: number): Uint8Array | undefined {
    const { scene, picks, sizes } = this.#deps;
    const enteringBytesMax = bytesMax * SNAPSHOT_LIMITS.enteringShare;
    this.#sight.look(scene, picks, enteringBytesMax, sizes.enteringBytes);
    let hasNewcomers = false;
    for (const { stream, ownIndex } of this.roster) {
      if (stream !== this) hasNewcomers = true;
      // However far it is: what an OWN message says is in the way of what the stream says later.
      if (ownIndex >= 0 && this.#sight.has(scene, ownIndex)) picks.makeDue(scene, ownIndex);
    }
    // A keyframe is of the tick of the last delta, and a newcomer's clock goes by it.
    const mayBeSilent = !hasNewcomers && scene.tick - this.#saidTick < this.#silenceTicks;
    const { tick, tables } = scene;
    const delta = this.#encoder.encode(tick, tables, picks.selections, bytesMax, mayBeSilent);
    if (delta !== undefined) this.#saidTick = tick;
    return delta;
  }
}
