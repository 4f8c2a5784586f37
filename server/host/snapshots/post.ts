import { encodeOwn } from "../../../protocol/snapshot-encoder.ts";
import { SnapshotTable } from "../../../protocol/snapshot-table.ts";
import type { SnapshotLayout } from "../../../rooms/simulation.ts";
import type { EntityName, Member, Stream } from "./member.ts";
import type { MessageSizes } from "./message-sizes.ts";
import type { Scene } from "./scene.ts";

interface PostDeps {
  readonly layout: SnapshotLayout;
  readonly scene: Scene;
  readonly sizes: MessageSizes;
  /** Longest time between two tries to send something to a member that does not take it. */
  readonly retryTicksMax: number;
}

/** Sends messages to members within their budgets, and counts. */
export class Post {
  keyframes = 0;
  ownMessages = 0;
  bytes = 0;
  readonly #deps: PostDeps;
  /** By kind, without entities. */
  readonly #nothing: readonly SnapshotTable[];

  constructor(deps: PostDeps) {
    this.#deps = deps;
    this.#nothing = deps.layout.map((kind) => new SnapshotTable(kind));
  }

  sendDelta(member: Member, delta: Uint8Array): void {
    // Removals are always said. Whoever cannot be sent so many has lost the stream, and gets a keyframe as he may.
    if (delta.length > member.budget.bytesMax) member.stream = undefined;
    else if (this.#hand(member, delta)) member.budget.spend(delta.length);
  }

  /** Has a member enter a stream, if it may. */
  sendKeyframe(member: Member, stream: Stream): void {
    member.stream = undefined;
    if (!member.budget.mayOwe || !member.isReadyAt(this.#deps.scene.tick)) return;
    const keyframe = stream.keyframe();
    if (!this.#hand(member, keyframe)) return;
    member.budget.owe(keyframe.length);
    member.enter(stream);
    this.keyframes++;
  }

  /** Tells a member of its own entity what its stream does not tell. */
  sendOwn(member: Member): void {
    const { own, stray, stream } = member;
    if (stray !== undefined && !isSame(stray, own)) {
      const isLeft =
        stream?.holds(stray) !== true && !this.#send(member, stray, this.#nothing[stray.kind]);
      if (isLeft) return;
      member.stray = undefined;
    }
    if (own === undefined) return;
    const isHeld = stream?.holds(own) === true;
    if (isHeld) member.stray = undefined;
    if (isHeld && !stream.isBehind(own)) return;
    const isSent = this.#send(member, own, this.#deps.scene.tables[own.kind]);
    if (isSent && !isHeld) member.stray = own;
  }

  /** @returns Whether the member was sent it. */
  #send(member: Member, { kind, id }: EntityName, table: SnapshotTable | undefined): boolean {
    const { layout, scene, sizes } = this.#deps;
    if (table === undefined || (sizes.ownBytes[kind] ?? 0) > member.budget.bytesMax) return false;
    const message = encodeOwn(layout, scene.tick, kind, id, table);
    if (!this.#hand(member, message)) return false;
    member.budget.spend(message.length);
    this.ownMessages++;
    return true;
  }

  /** @returns Whether the member took it. */
  #hand(member: Member, message: Uint8Array): boolean {
    if (member.hasLeft) return false;
    if (!member.viewer.send(message)) {
      member.fallBehind(this.#deps.scene.tick, this.#deps.retryTicksMax);
      return false;
    }
    this.bytes += message.length;
    return true;
  }
}

function isSame(one: EntityName, other: EntityName | undefined): boolean {
  return one.kind === other?.kind && one.id === other.id;
}
