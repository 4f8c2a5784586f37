import type { CancelTimer } from "../clock.ts";
import { keepNewest } from "../plane/context.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { HappeningKind } from "../plane/happenings.ts";
import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import type { GameSession } from "../plane/records.ts";
import type { Candidate } from "./candidates.ts";
import { QUEUE_LIMITS } from "./limits.ts";
import { Look } from "./look.ts";
import { PendingPlacement } from "./pending-placement.ts";
import type { EndedPlacement, Placement, PlacementEnd, PlacementRequest } from "./placement.ts";
import { type PlacementEventSink, placementEvent } from "./placement-event.ts";
import { wrongRequest } from "./placement-request.ts";
import type { Queue } from "./queue.ts";

/** After which of them a placement may find what it did not find before, or has lost what it found. */
const WORTH_A_LOOK: ReadonlySet<HappeningKind> = new Set([
  "fleet-created",
  "fleet-updated",
  "fleet-deleted",
  "alias-updated",
  "process-connected",
  "process-reported",
  "game-session-active",
  "game-session-terminating",
  "game-session-ended",
] as const);

/**
 * Somebody ended it with TerminateGameSession, on purpose: the documented reason for FAILED. A game session that ends by
 * itself is a failed activation, after which there are other candidates.
 */
const isTerminatedByCall = ({ statusReason }: GameSession) =>
  statusReason === "FORCE_TERMINATED" || statusReason === "TRIGGERED_ON_PROCESS_TERMINATE";

/**
 * All placements. Nothing is done in the middle of what the control plane is doing: each look at them is a timer of its
 * own, comes once however much happened, and takes things as it finds them. They are looked at in the order of their
 * coming, so that whoever came first is served first.
 */
export class Placements {
  readonly #plane: ControlPlane;
  readonly #events: PlacementEventSink;
  readonly #pending = new Map<string, PendingPlacement>();
  readonly #ended = new Map<string, EndedPlacement>();
  readonly #unlisten: () => void;
  #soon: CancelTimer | undefined;
  #later: CancelTimer | undefined;

  constructor(plane: ControlPlane, events: PlacementEventSink) {
    this.#plane = plane;
    this.#events = events;
    this.#unlisten = plane.happenings.listen(({ kind }) => {
      if (WORTH_A_LOOK.has(kind)) this.lookAgain();
    });
  }

  start(queue: Queue, request: PlacementRequest): Outcome<Placement> {
    const { placementId } = request;
    // Documented to be unique and never used again, so the same parameters make no difference.
    if (this.find(placementId) !== undefined) {
      return refused("InvalidRequest", `PlacementId: ${placementId} was used before; take another`);
    }
    if (this.#pending.size >= QUEUE_LIMITS.placementsPendingMax) {
      return refused(
        "LimitExceeded",
        `There are ${QUEUE_LIMITS.placementsPendingMax} placements waiting already`,
      );
    }
    const wrong = wrongRequest(request, queue);
    if (wrong !== undefined) return refused("InvalidRequest", wrong);
    const { clock, durations, happenings } = this.#plane;
    const pending = new PendingPlacement(this.#plane, queue, request);
    this.#pending.set(placementId, pending);
    pending.deadline = clock.after(durations.scaled(queue.timeoutSeconds * 1_000), () =>
      this.#timedOut(pending),
    );
    happenings.tell("placement-started", { placementId, detail: queue.name });
    this.lookAgain();
    return done(pending.placement);
  }

  find(placementId: string): Placement | undefined {
    return this.#pending.get(placementId)?.placement ?? this.#ended.get(placementId);
  }

  list(): readonly Placement[] {
    const pending = [...this.#pending.values()].map(({ placement }) => placement);
    return [...this.#ended.values(), ...pending];
  }

  stop(placementId: string): Outcome<Placement> {
    const placement = this.find(placementId);
    if (placement === undefined) {
      return refused("NotFound", `Game session placement ${placementId} was not found`);
    }
    const pending = this.#pending.get(placementId);
    if (pending === undefined) {
      return refused("InvalidRequest", `Placement is ${placement.status}, not PENDING`);
    }
    if (placement.gameSessionId !== undefined) {
      return refused(
        "InvalidRequest",
        "A game session was created for this placement already: end it with TerminateGameSession",
      );
    }
    return done(this.#end(pending, "CANCELLED"));
  }

  failAllOf(queue: Queue): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.queue === queue) this.#end(pending, "FAILED");
    }
  }

  /** In a moment, once. */
  lookAgain(): void {
    if (this.#pending.size === 0) return;
    this.#soon ??= this.#plane.clock.after(0, () => this.#look());
  }

  close(): void {
    this.#unlisten();
    this.#soon?.();
    this.#later?.();
    for (const pending of this.#pending.values()) pending.cancelTimers();
  }

  #look(): void {
    this.#soon = undefined;
    const look = new Look(this.#plane);
    for (const pending of [...this.#pending.values()]) this.#goOn(pending, look);
    this.#later?.();
    this.#later = undefined;
    if (
      [...this.#pending.values()].some(({ placement }) => placement.gameSessionId === undefined)
    ) {
      this.#later = this.#plane.clock.after(QUEUE_LIMITS.lookAgainMs, () => this.lookAgain());
    }
  }

  #goOn(pending: PendingPlacement, look: Look): void {
    const { gameSessionId } = pending.placement;
    const session = this.#sessionOf(pending);
    if (gameSessionId === undefined) this.#search(pending, look);
    else if (session?.status === "ACTIVE") this.#fulfil(pending, session);
    else if (session !== undefined && isTerminatedByCall(session)) this.#end(pending, "FAILED");
    else if (session?.status !== "ACTIVATING") {
      pending.lost();
      this.#search(pending, look);
    }
  }

  #search(pending: PendingPlacement, look: Look): void {
    pending.search(look, (candidate) => this.#create(pending, candidate, look));
    pending.stepAt(() => this.lookAgain());
  }

  #create({ request }: PendingPlacement, candidate: Candidate, look: Look) {
    const created = this.#plane.gameSessions.create({
      fleetId: candidate.fleet.fleetId,
      location: candidate.location,
      maximumPlayerSessionCount: request.maximumPlayerSessionCount,
      name: request.gameSessionName,
      gameProperties: request.gameProperties,
      gameSessionData: request.gameSessionData,
    });
    if (!isRefused(created)) return created.value;
    if (created.refusal === "FleetCapacityExceeded") look.exclude(candidate);
    return undefined;
  }

  #fulfil(pending: PendingPlacement, session: GameSession): void {
    const { gameSessionId, ipAddress, dnsName, port } = session;
    const { desiredPlayerSessions } = pending.request;
    const reserved = this.#plane.playerSessions.create(gameSessionId, desiredPlayerSessions);
    // Somebody else took the seats, or the server process lets nobody in: it is of no use to those who asked for it.
    if (isRefused(reserved)) {
      this.#end(pending, "FAILED");
      return;
    }
    const placedPlayerSessions = reserved.value.map(({ playerId, playerSessionId }) => ({
      playerId,
      playerSessionId,
    }));
    Object.assign(pending.placement, { ipAddress, dnsName, port, placedPlayerSessions });
    this.#end(pending, "FULFILLED");
  }

  #timedOut(pending: PendingPlacement): void {
    const session = this.#sessionOf(pending);
    if (session?.status === "ACTIVE") this.#fulfil(pending, session);
    else this.#end(pending, "TIMED_OUT");
  }

  /** A game session that nobody was told of is ended as well. */
  #end(pending: PendingPlacement, status: PlacementEnd): Placement {
    const { placementId } = pending.request;
    const { clock, happenings, uuid, accountId: account, region } = this.#plane;
    pending.cancelTimers();
    this.#pending.delete(placementId);
    const session = this.#sessionOf(pending);
    if (status !== "FULFILLED") pending.lost();
    const ended = pending.ended(status, clock.wallMs());
    this.#ended.set(placementId, ended);
    keepNewest(this.#ended, QUEUE_LIMITS.placementsEndedKeptMax);
    happenings.tell("placement-ended", {
      placementId,
      ...(session !== undefined && { gameSessionId: session.gameSessionId }),
      detail: status,
    });
    const { queue } = pending;
    this.#events.deliver(
      placementEvent(ended, queue, { id: uuid(), account, region }),
      queue.notificationTarget,
    );
    const isLeftOver = session?.status === "ACTIVATING" || session?.status === "ACTIVE";
    if (status !== "FULFILLED" && isLeftOver) {
      this.#plane.gameSessions.terminate(session.gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE");
    }
    return ended;
  }

  #sessionOf({ placement }: PendingPlacement): GameSession | undefined {
    return this.#plane.gameSessions.find(placement.gameSessionId ?? "");
  }
}
