import type { CancelTimer, Clock } from "../clock.ts";
import type { Backfills, GameSession, GameSessionUpdate } from "../fleet/fleet.ts";
import type { BackfillOutcome, Telemetry } from "../telemetry/telemetry.ts";
import { Attendance } from "./attendance.ts";
import { BackfillCalls } from "./backfill-calls.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { type MatchmakerData, matchedPlayers, parseMatchmakerData } from "./matchmaker-data.ts";

/** Updates kept that came before the start of their ticket was answered. */
const EARLY_UPDATES_MAX = 4;
/** Tickets remembered for updates that come late. */
const TICKETS_MAX = 8;

interface BackfillDeps {
  readonly backfills: Backfills;
  readonly gameSession: GameSession;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Most seats the room offers now. */
  seatsMax(): number;
}

interface Ticket {
  readonly id: string;
  /** Counts from 1; a later ticket's data are newer. */
  readonly order: number;
  /** Whom it took for present. */
  readonly present: ReadonlySet<string>;
  /** Aborts when it is over, whoever ended it. */
  readonly over: AbortController;
}

type State =
  | { readonly name: "idle" }
  | { readonly name: "waiting"; readonly cancel: CancelTimer }
  | { readonly name: "starting"; readonly present: ReadonlySet<string> }
  | { readonly name: "open"; readonly ticket: Ticket }
  | { readonly name: "stopping"; readonly ticket: Ticket };

const IDLE: State = { name: "idle" };

const OUTCOMES: Readonly<Record<GameSessionUpdate["reason"], BackfillOutcome>> = {
  matchmaking_data: "matched",
  backfill_failed: "failed",
  backfill_timed_out: "timed_out",
  backfill_cancelled: "cancelled",
};

/**
 * The backfill of a game session, if that is for this process to do: it came from a matchmaker whose backfill is manual.
 * Where it is automatic the service starts the tickets, and one of ours would replace its own.
 */
export function manualBackfill(
  deps: Omit<BackfillDeps, "backfills"> & {
    readonly backfills: Backfills | undefined;
    readonly mode: "auto" | "off";
  },
): Backfill | undefined {
  const { backfills, mode } = deps;
  if (backfills === undefined || mode === "off") return undefined;
  const data = parseMatchmakerData(deps.gameSession.matchmakerData);
  if (data === undefined || data.matchmakingConfigurationArn === "") return undefined;
  // Data that tell no mode have a ticket when backfill is automatic.
  const mayBeAutomatic = data.autoBackfillMode !== "MANUAL" && data.autoBackfillTicketId !== "";
  if (data.autoBackfillMode === "AUTOMATIC" || mayBeAutomatic) return undefined;
  return new Backfill({ ...deps, backfills }, data);
}

/**
 * Asks the matchmaker for others in place of players who left for good or never came, as long as somebody plays, seats
 * are free, and the match is open. At most one ticket is open, and it names those who are present:
 *
 *           wanted              waited              its id
 *     idle -------> waiting -----------> starting ---------> open
 *      ^ ^             |                    |                 | |
 *      | '-------------'                    |                 | '--- not wanted, or other players ---.
 *      |    not wanted                      |                 |                                       v
 *      |<--- no ticket: rest --------------'                  |                                   stopping
 *      |<--- matched; or failed, timed out, cancelled: rest --'                                       |
 *      '<--- stopped; or over by itself; or given up after some tries --------------------------------'
 *
 * Whatever ends a ticket leads to `idle`, which looks again. `waiting` lasts until a moment for others to leave, the
 * rest after what failed and the fleet's rate are over. A call that is under way is never overtaken: what happens
 * meanwhile is looked at when it ends. A ticket that could not be stopped is replaced at the fleet by the next one.
 */
export class Backfill {
  readonly #deps: BackfillDeps;
  readonly #calls: BackfillCalls;
  readonly #attendance = new Attendance();
  readonly #pending = new Set<Promise<void>>();
  #state: State = IDLE;
  #isActivated = false;
  #isOpen = true;
  #isClosed = false;
  /** A place became free, and has not been filled since. */
  #isShort = false;
  /** Tickets in a row that came to nothing. */
  #failures = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #cancelExpiry: CancelTimer = () => {};
  #tickets: readonly Ticket[] = [];
  #begun = 0;
  /** The ticket whose data are in use. */
  #dataOrder = 0;
  /** How tickets ended of whose start there is no answer yet. */
  readonly #early = new Map<string, BackfillOutcome>();

  constructor(deps: BackfillDeps, data: MatchmakerData) {
    const { backfills, clock, telemetry, gameSession } = deps;
    const { gameSessionId } = gameSession;
    const { matchmakingConfigurationArn } = data;
    this.#deps = deps;
    this.#calls = new BackfillCalls({
      ...{ backfills, clock, telemetry, gameSessionId, matchmakingConfigurationArn },
    });
    const matched = matchedPlayers(data);
    this.#attendance.learn(matched, [...matched.keys()], Number.POSITIVE_INFINITY);
  }

  /** The fleet knows that players may come: from here on those who were matched have their time to do so. Told once. */
  activated(): void {
    this.#isActivated = true;
    this.#attendance.expectUntil(this.#deps.clock.nowMs() + SESSION_LIMITS.arrivalMs);
    this.#armExpiry();
    this.#look();
  }

  /** The room's own lock. */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#look();
  }

  /** A player holds a seat; told again at a takeover. */
  seated(playerId: string): void {
    this.#attendance.seated(playerId);
    this.#look();
  }

  /** A player's seat is free for good. */
  left(playerId: string): void {
    if (this.#attendance.left(playerId)) this.#lost();
    this.#look();
  }

  /** The fleet says what became of a ticket; it may come late, twice, or before the start of the ticket is answered. */
  updated(update: GameSessionUpdate): void {
    const ticket = this.#ticketOf(update.ticketId);
    const outcome = OUTCOMES[update.reason];
    if (outcome === "matched") this.#learn(update.session.matchmakerData, ticket);
    if (ticket !== undefined) this.#over(ticket, outcome);
    else if (this.#state.name === "starting" && this.#early.size < EARLY_UPDATES_MAX) {
      this.#early.set(update.ticketId, outcome);
    }
    this.#look();
  }

  /** Wants nobody any more. Resolves when no ticket is left, as far as the fleet can be told. May be called again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelExpiry();
    this.#look();
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await this.#calls.settled();
  }

  #look(): void {
    if (this.#seatsFree() <= 0) this.#isShort = false;
    const state = this.#state;
    if (state.name === "idle" && this.#isWanted()) this.#wait();
    else if (state.name === "waiting" && !this.#isWanted()) {
      state.cancel();
      this.#state = IDLE;
    } else if (state.name === "open") {
      const isSame = areSame(state.ticket.present, this.#attendance.ids());
      if (!isSame || !this.#isWanted()) this.#track(this.#stop(state.ticket));
    }
  }

  #isWanted(): boolean {
    const players = this.#attendance.players().length;
    return (
      this.#isActivated &&
      this.#isOpen &&
      !this.#isClosed &&
      this.#isShort &&
      this.#failures < SESSION_LIMITS.backfillTriesMax &&
      this.#attendance.seatedCount > 0 &&
      players > 0 &&
      players <= SESSION_LIMITS.backfillPlayersMax
    );
  }

  #seatsFree(): number {
    const { gameSession, seatsMax } = this.#deps;
    const seats = Math.min(gameSession.maximumPlayerSessionCount, seatsMax());
    return seats - this.#attendance.ids().size;
  }

  #lost(): void {
    this.#isShort = true;
    this.#failures = 0;
  }

  #wait(): void {
    const { clock } = this.#deps;
    const delayMs = Math.max(
      SESSION_LIMITS.backfillSettleMs,
      this.#restsUntilMs - clock.nowMs(),
      this.#calls.waitMs,
    );
    const cancel = clock.after(delayMs, () => {
      this.#state = IDLE;
      // The room may offer fewer seats than a moment ago, and a late ticket may have used the rate up.
      if (this.#seatsFree() <= 0 || !this.#isWanted()) return;
      if (this.#calls.waitMs > 0) this.#wait();
      else this.#track(this.#start());
    });
    this.#state = { name: "waiting", cancel };
  }

  async #start(): Promise<void> {
    const present = this.#attendance.ids();
    const players = this.#attendance.players();
    const seatsFree = this.#seatsFree();
    this.#state = { name: "starting", present };
    const id = await this.#calls.start(players);
    const early = id === undefined ? undefined : this.#early.get(id);
    this.#early.clear();
    if (id === undefined) {
      this.#state = IDLE;
      this.#rest();
    } else {
      const ticket = { id, order: ++this.#begun, present, over: new AbortController() };
      this.#tickets = [ticket, ...this.#tickets].slice(0, TICKETS_MAX);
      this.#state = { name: "open", ticket };
      const { gameSessionId } = this.#deps.gameSession;
      const told = { gameSessionId, ticketId: id, players: players.length, seatsFree };
      this.#deps.telemetry.backfillStarted(told);
      if (early !== undefined) this.#over(ticket, early);
    }
    this.#look();
  }

  async #stop(ticket: Ticket): Promise<void> {
    this.#state = { name: "stopping", ticket };
    const isStopped = await this.#calls.stop(ticket.id, ticket.over.signal);
    this.#over(ticket, isStopped ? "stopped" : "abandoned");
    this.#state = IDLE;
    this.#look();
  }

  /** A ticket ended; only the first to say so counts. */
  #over(ticket: Ticket, outcome: BackfillOutcome): void {
    if (ticket.over.signal.aborted) return;
    ticket.over.abort();
    const { gameSessionId } = this.#deps.gameSession;
    this.#deps.telemetry.backfillEnded({ gameSessionId, ticketId: ticket.id, outcome });
    if (outcome === "matched") this.#failures = 0;
    // One that is being stopped is looked after there.
    if (this.#state.name !== "open") return;
    this.#state = IDLE;
    if (outcome !== "matched") this.#rest();
  }

  #rest(): void {
    const { backfillRestMs, backfillRestMsMax, backfillTriesMax } = SESSION_LIMITS;
    const restMs = Math.min(backfillRestMs * 2 ** this.#failures, backfillRestMsMax);
    this.#restsUntilMs = this.#deps.clock.nowMs() + restMs;
    this.#failures++;
    if (this.#failures < backfillTriesMax) return;
    const { gameSessionId } = this.#deps.gameSession;
    this.#deps.telemetry.backfillGivenUp({ gameSessionId, tries: this.#failures });
  }

  /** A fleet that names no ticket means the one there is. */
  #ticketOf(ticketId: string): Ticket | undefined {
    const state = this.#state;
    if (ticketId !== "") return this.#tickets.find(({ id }) => id === ticketId);
    return state.name === "open" || state.name === "stopping" ? state.ticket : undefined;
  }

  /** Who is named in data, and was not present when their ticket was started, is on the way. */
  #learn(matchmakerData: string, ticket: Ticket | undefined): void {
    const data = parseMatchmakerData(matchmakerData);
    if (data === undefined || (ticket !== undefined && ticket.order < this.#dataOrder)) return;
    if (ticket !== undefined) this.#dataOrder = ticket.order;
    const { matched } = this.#attendance;
    const before =
      ticket?.present ?? (this.#state.name === "starting" ? this.#state.present : matched);
    const newcomers = [...matchedPlayers(data).keys()].filter((id) => !before.has(id));
    const untilMs = this.#deps.clock.nowMs() + SESSION_LIMITS.arrivalMs;
    this.#attendance.learn(matchedPlayers(data, matched), newcomers, untilMs);
    this.#armExpiry();
  }

  #armExpiry(): void {
    this.#cancelExpiry();
    const { clock } = this.#deps;
    const { nextExpiryMs } = this.#attendance;
    if (nextExpiryMs === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#cancelExpiry = clock.after(Math.max(0, nextExpiryMs - clock.nowMs()), () => {
      if (this.#attendance.expire(clock.nowMs())) this.#lost();
      this.#armExpiry();
      this.#look();
    });
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }
}

function areSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((id) => others.has(id));
}
