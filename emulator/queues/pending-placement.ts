import type { CancelTimer } from "../clock.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { GameSession } from "../plane/records.ts";
import { type Candidate, inOrder } from "./candidates.ts";
import { Latencies, type LatencyCap, latencyCapAt } from "./latencies.ts";
import type { Look } from "./look.ts";
import type { EndedPlacement, Placement, PlacementEnd, PlacementRequest } from "./placement.ts";
import type { Queue } from "./queue.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes a game session there, or not. */
type Try = (candidate: Candidate) => GameSession | undefined;

/** One placement while it is PENDING: where it has been, and where it looks next. */
export class PendingPlacement {
  readonly queue: Queue;
  readonly request: PlacementRequest;
  readonly placement: Mutable<Placement>;
  deadline: CancelTimer | undefined;
  readonly #plane: ControlPlane;
  readonly #latencies: Latencies;
  readonly #startedMs: number;
  /** How long it waits at the most, from its start. */
  readonly #timeoutMs: number;
  /** Candidates whose game session was never ACTIVE, in this pass through all of them. */
  readonly #failed = new Set<string>();
  #at: string | undefined;
  /** The single pass through the locations of its override is over. */
  #isOverrideOver = false;
  #step: CancelTimer | undefined;

  constructor(plane: ControlPlane, queue: Queue, request: PlacementRequest) {
    this.#plane = plane;
    this.queue = queue;
    this.request = request;
    this.#latencies = new Latencies(request.playerLatencies);
    this.#startedMs = plane.clock.nowMs();
    this.#timeoutMs = plane.durations.scaled(queue.timeoutSeconds * 1_000);
    this.placement = {
      ...request,
      queueName: queue.name,
      queueArn: queue.queueArn,
      status: "PENDING",
      startedAtMs: plane.clock.wallMs(),
      endedAtMs: undefined,
      gameSessionId: undefined,
      gameSessionRegion: "",
      ipAddress: "",
      dnsName: "",
      port: 0,
      placedPlayerSessions: [],
    };
  }

  /**
   * Goes through the candidates until one makes a game session. One pass asks each at most once; when a pass is over,
   * those whose game session failed may be asked again, and after an override's only pass all others are asked.
   */
  search(look: Look, tryIt: Try): void {
    if (this.#pass(look, tryIt)) return;
    const isOtherPassUseful = this.#failed.size > 0 || this.#hasOverridePass;
    this.#failed.clear();
    this.#isOverrideOver = true;
    if (isOtherPassUseful) this.#pass(look, tryIt);
  }

  /** Its game session will never be ACTIVE for it. */
  lost(): void {
    if (this.#at !== undefined) this.#failed.add(this.#at);
    this.#at = undefined;
    this.placement.gameSessionId = undefined;
    this.placement.gameSessionRegion = "";
  }

  /** Calls once another latency policy holds, if it waits for that. */
  stepAt(fire: () => void): void {
    this.#step?.();
    this.#step = undefined;
    if (this.placement.gameSessionId !== undefined || this.#latencies.isEmpty) return;
    const { untilMs } = this.#cap();
    // A policy may hold for longer than any timer, and than the placement waits.
    if (untilMs === undefined || untilMs >= this.#timeoutMs) return;
    this.#step = this.#plane.clock.after(Math.max(0, untilMs - this.#waitedMs()), fire);
  }

  ended(status: PlacementEnd, endedAtMs: number): EndedPlacement {
    return Object.assign(this.placement, { status, endedAtMs });
  }

  cancelTimers(): void {
    this.deadline?.();
    this.#step?.();
  }

  get #hasOverridePass(): boolean {
    const { priorityOverride } = this.request;
    return priorityOverride?.fallback === "DEFAULT_AFTER_SINGLE_PASS" && !this.#isOverrideOver;
  }

  #pass(look: Look, tryIt: Try): boolean {
    for (const candidate of this.#candidates(look)) {
      if (this.#failed.has(candidate.key)) continue;
      const session = tryIt(candidate);
      if (session === undefined) continue;
      this.#at = candidate.key;
      this.placement.gameSessionId = session.gameSessionId;
      const { region } = this.#plane;
      this.placement.gameSessionRegion = session.location.startsWith("custom-")
        ? region
        : session.location;
      return true;
    }
    return false;
  }

  #candidates(look: Look): readonly Candidate[] {
    const { queue } = this;
    const latencies = this.#latencies;
    const { priorityOverride } = this.request;
    const { priorityOrder, locationOrder } = queue;
    const all = look.candidatesOf(queue);
    if (priorityOverride === undefined || this.#isOverrideDone) {
      const { maximumMs } = this.#cap();
      const near = all.filter(
        ({ location }) => latencies.isEmpty || !(latencies.highestMs(location) > maximumMs),
      );
      return inOrder(near, { latencies, priorityOrder, locationOrder });
    }
    const wanted = priorityOverride.locationOrder;
    const named = all.filter(({ location }) => wanted.includes(location));
    return inOrder(named, { latencies, priorityOrder, locationOrder: wanted });
  }

  get #isOverrideDone(): boolean {
    return this.#isOverrideOver && this.request.priorityOverride?.fallback !== "NONE";
  }

  #cap(): LatencyCap {
    const { playerLatencyPolicies } = this.queue;
    return latencyCapAt(this.#waitedMs(), playerLatencyPolicies, this.#plane.durations.scaled);
  }

  #waitedMs(): number {
    return this.#plane.clock.nowMs() - this.#startedMs;
  }
}
