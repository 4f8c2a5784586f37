import type { Interest, SimulationSetup, Snapshots } from "../../../rooms/simulation.ts";
import { ByteBudget } from "./byte-budget.ts";
import { Cells } from "./cells.ts";
import { Group, type GroupDeps } from "./group.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";
import { Member, type Stream, type Viewer } from "./member.ts";
import { messageSizes } from "./message-sizes.ts";
import { Picks } from "./picks.ts";
import { Post } from "./post.ts";
import { Scene } from "./scene.ts";
import type { Scope } from "./sight.ts";

export type { Viewer } from "./member.ts";

interface AudienceDeps {
  readonly snapshots: Snapshots;
  readonly setup: SimulationSetup;
  /** Most that one client is sent, less what carries messages; from 2048. */
  readonly bytesPerSecond: number;
}

interface AudienceFigures {
  /** Groups that somebody was in at the last tick. */
  readonly groups: number;
  /** Viewers that are out of the stream and wait for their keyframe. */
  readonly behind: number;
  /** Keyframes sent since the start, one for each viewer that took it. */
  readonly keyframes: number;
  /** OWN messages sent since the start. */
  readonly ownMessages: number;
  /** Bytes of all messages sent since the start. */
  readonly bytes: number;
}

/** Who is sent which snapshot. Knows no sockets and no clock: it is stepped by ticks. */
export class Audience {
  readonly #deps: AudienceDeps;
  readonly #cells: Cells | undefined;
  readonly #members = new Map<Viewer, Member>();
  /** Of all that ever joined: one that leaves and joins again has no more to spend for it. */
  readonly #budgets = new WeakMap<Viewer, ByteBudget>();
  /** By number of the cell, or one of the two that are no cell's. */
  readonly #groups = new Map<number, Group>();
  readonly #groupDeps: GroupDeps;
  readonly #scene: Scene;
  readonly #post: Post;
  readonly #eye = { x: 0, y: 0 };
  #groupsUsed = 0;

  /** @throws RangeError for an interest or a layout outside of their limits, with a sentence. */
  constructor(deps: AudienceDeps) {
    this.#deps = deps;
    const { snapshots, setup } = deps;
    const { layout } = snapshots;
    const { tickRateHz } = setup;
    const interest: Interest | undefined = snapshots.interest(setup);
    this.#cells = interest === undefined ? undefined : new Cells(interest);
    const scene = new Scene(snapshots, interest);
    const sizes = messageSizes(scene.tables);
    const retryTicksMax = Math.floor(SNAPSHOT_LIMITS.retrySeconds * tickRateHz);
    const post = new Post({ layout, scene, sizes, retryTicksMax });
    const picks = new Picks(layout.length);
    this.#scene = scene;
    this.#post = post;
    this.#groupDeps = { layout, tickRateHz, interest, scene, picks, sizes, post };
  }

  /** From its next tick on a viewer is sent snapshots, a keyframe first. May be called while a viewer is sent something. */
  join(viewer: Viewer): void {
    if (this.#members.has(viewer)) return;
    let budget = this.#budgets.get(viewer);
    if (budget === undefined) {
      const { bytesPerSecond, setup } = this.#deps;
      budget = new ByteBudget(bytesPerSecond, setup.tickRateHz, this.#scene.tick);
      this.#budgets.set(viewer, budget);
    }
    this.#members.set(viewer, new Member(viewer, budget));
  }

  /** Nothing is sent to it from here on. May be called while a viewer is sent something. */
  leave(viewer: Viewer): void {
    const member = this.#members.get(viewer);
    if (member === undefined) return;
    member.hasLeft = true;
    this.#members.delete(viewer);
  }

  /**
   * Sends everybody what it should see of `state`, one group after the other.
   * @param tick - Of the step that made the state; above the one before.
   */
  tick(state: unknown, tick: number): void {
    this.#groupsUsed = 0;
    if (this.#members.size > 0) this.#serve(state, tick);
    this.#forgetGroups(tick);
  }

  get figures(): AudienceFigures {
    const { keyframes, ownMessages, bytes } = this.#post;
    let behind = 0;
    for (const { stream } of this.#members.values()) if (stream === undefined) behind++;
    return { groups: this.#groupsUsed, behind, keyframes, ownMessages, bytes };
  }

  #serve(state: unknown, tick: number): void {
    this.#scene.read(state, tick);
    const outside: Member[] = [];
    for (const member of this.#members.values()) {
      member.budget.refill(tick);
      this.#findOwn(member, state);
      const stream = this.#streamFor(member, state);
      if (stream !== undefined) stream.roster.push(member);
      else if (member.isReadyAt(tick)) outside.push(member);
    }
    for (const group of this.#groups.values()) {
      if (group.roster.length === 0) continue;
      this.#groupsUsed++;
      group.serve();
    }
    for (const member of outside) this.#post.sendOwn(member);
  }

  /** Finds what is a member's own at this tick. */
  #findOwn(member: Member, state: unknown): void {
    const own = this.#deps.snapshots.ownOf(state, member.viewer.seat);
    member.ownIndex = own === undefined ? -1 : this.#scene.indexOf(own.kind, own.id);
    if (own === undefined || member.ownIndex < 0) member.own = undefined;
    // A copy: the game may answer for everybody with one object.
    else if (member.own?.kind !== own.kind || member.own.id !== own.id) {
      member.own = { kind: own.kind, id: own.id };
    }
  }

  /** @returns Whose roster a member is on at this tick, if anybody's. */
  #streamFor(member: Member, state: unknown): Stream | undefined {
    const { stream, budget } = member;
    const scope = this.#scopeOf(member, state);
    if (stream !== undefined && numberOf(stream.scope) === numberOf(scope)) return stream;
    if (budget.mayOwe && member.isReadyAt(this.#scene.tick)) return this.#groupOf(scope);
    // Until it can be given another keyframe it sees what it saw, where that is about what it may see.
    if (stream !== undefined && this.#isAbout(stream.scope, scope)) return stream;
    member.stream = undefined;
    return undefined;
  }

  #scopeOf(member: Member, state: unknown): Scope {
    const cells = this.#cells;
    if (cells === undefined) return "everything";
    const eye = this.#eye;
    const hasEye = this.#deps.snapshots.eyeOf(state, member.viewer.seat, eye);
    const isSomewhere = hasEye && Number.isFinite(eye.x) && Number.isFinite(eye.y);
    member.cell = isSomewhere ? cells.at(eye.x, eye.y, member.cell) : undefined;
    return member.cell ?? "nothing";
  }

  #isAbout(former: Scope, scope: Scope): boolean {
    if (former === "nothing") return true;
    const areCells = typeof former === "object" && typeof scope === "object";
    return areCells && this.#cells?.isBeside(former, scope) === true;
  }

  #groupOf(scope: Scope): Group {
    const number = numberOf(scope);
    let group = this.#groups.get(number);
    if (group === undefined) {
      group = new Group(scope, this.#groupDeps);
      this.#groups.set(number, group);
    }
    return group;
  }

  /** Those that nobody has been in for a while, and of too many the ones that were left first. */
  #forgetGroups(tick: number): void {
    const idleTicks = SNAPSHOT_LIMITS.groupIdleSeconds * this.#deps.setup.tickRateHz;
    const idle: [number, Group][] = [];
    for (const [number, group] of this.#groups) {
      if (tick - group.usedTick > idleTicks) this.#groups.delete(number);
      else if (group.usedTick < tick) idle.push([number, group]);
    }
    if (idle.length <= SNAPSHOT_LIMITS.groupsIdleMax) return;
    idle.sort(([, one], [, other]) => other.usedTick - one.usedTick);
    for (const [number] of idle.slice(SNAPSHOT_LIMITS.groupsIdleMax)) this.#groups.delete(number);
  }
}

function numberOf(scope: Scope): number {
  return scope === "everything" ? -2 : scope === "nothing" ? -1 : scope.index;
}
