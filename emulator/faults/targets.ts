import type { ControlPlane } from "../plane/control-plane.ts";
import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import type {
  Compute,
  Fleet,
  GameSession,
  PlayerSession,
  ServerProcess,
} from "../plane/records.ts";
import { type Census, keyOf } from "./census.ts";
import { named, target, text } from "./member-kinds.ts";
import { optional, type Values } from "./members.ts";
import { type Target, targetText } from "./target.ts";

/** The members that name server processes. */
export const PROCESS_TARGET = {
  process: target(true),
  fleet: optional(named, undefined),
  compute: optional(text(), undefined),
};

type ProcessTarget = Values<typeof PROCESS_TARGET>;

/** What narrows the choice of server processes. */
export interface Within {
  readonly fleetId: string | undefined;
  readonly computeName: string | undefined;
}

interface Choice<T> {
  /** "server process" */
  readonly noun: string;
  /** Everything that a target may name, in the order of its ordinals; `undefined` stands for what is forgotten. */
  readonly all: readonly (T | undefined)[];
  readonly idOf: (thing: T) => string;
  /** Why the fault makes no sense for it; `undefined` when it does. */
  readonly unfit: (thing: T) => string | undefined;
}

/** Finds what a target names. Ordinals go by the order in which things came, whatever became of them. */
export class Targets {
  readonly #plane: ControlPlane;
  readonly #census: Census;
  readonly #random: () => number;

  /** @param random - From 0 up to 1, for `any`. */
  constructor(plane: ControlPlane, census: Census, random: () => number) {
    this.#plane = plane;
    this.#census = census;
    this.#random = random;
  }

  /** The fleet and compute that server processes must be of. */
  within({ fleet, compute: computeName }: ProcessTarget): Outcome<Within> {
    if (fleet === undefined) return done({ fleetId: undefined, computeName });
    const found = this.fleets(fleet);
    return isRefused(found) ? found : done({ fleetId: found.value[0]?.fleetId, computeName });
  }

  /** @param unfit - Why the fault makes no sense for a process; `undefined` when it does. */
  processes(
    at: ProcessTarget,
    unfit: (process: ServerProcess) => string | undefined,
  ): Outcome<readonly ServerProcess[]> {
    const within = this.within(at);
    if (isRefused(within)) return within;
    const { fleetId = "", computeName = "" } = within.value;
    const known = new Map(this.#plane.processes.list().map((each) => [keyOf(each), each]));
    // Those that never connected have no ordinal, and an id.
    const strangers = at.process.kind === "ordinal" ? [] : known.keys();
    const keys = new Set([...this.#census.processKeys, ...strangers]);
    return this.#choose(at.process, {
      noun: "server process",
      all: [...keys].map((key) => known.get(key)),
      idOf: ({ processId }) => processId,
      unfit(process) {
        if (fleetId !== "" && process.fleetId !== fleetId) return `is not of fleet ${fleetId}`;
        if (computeName === "" || process.computeName === computeName) return unfit(process);
        return `is not of compute ${computeName}`;
      },
    });
  }

  /** Ordinals count those of the fleet alone when one is named. */
  computes(target: Target, fleet: Target | undefined): Outcome<readonly Compute[]> {
    const fleets = fleet === undefined ? done(this.#plane.fleets.list()) : this.fleets(fleet);
    if (isRefused(fleets)) return fleets;
    return this.#choose(target, {
      noun: "compute",
      all: fleets.value.flatMap(({ fleetId }) => this.#plane.computes.list(fleetId)),
      idOf: ({ computeName }) => computeName,
      unfit: () => undefined,
    });
  }

  fleets(target: Target): Outcome<readonly Fleet[]> {
    return this.#choose(target, {
      noun: "fleet",
      all: this.#plane.fleets.list(),
      idOf: ({ fleetId }) => fleetId,
      unfit: ({ status }) => (status === "ACTIVE" ? undefined : `is ${status}`),
    });
  }

  gameSessions(
    target: Target,
    unfit: (session: GameSession) => string | undefined,
  ): Outcome<readonly GameSession[]> {
    return this.#choose(target, {
      noun: "game session",
      all: this.#census.gameSessionIds.map((id) => this.#plane.gameSessions.find(id)),
      idOf: ({ gameSessionId }) => gameSessionId,
      unfit,
    });
  }

  playerSessions(
    target: Target,
    unfit: (session: PlayerSession) => string | undefined,
  ): Outcome<readonly PlayerSession[]> {
    return this.#choose(target, {
      noun: "player session",
      all: this.#census.playerSessionIds.map((id) => this.#plane.playerSessions.find(id)),
      idOf: ({ playerSessionId }) => playerSessionId,
      unfit,
    });
  }

  #choose<T>(target: Target, choice: Choice<T>): Outcome<readonly T[]> {
    if (target.kind === "any" || target.kind === "all")
      return this.#chooseSome(target.kind, choice);
    const found =
      target.kind === "id" ? byId(target.id, choice) : byOrdinal(target.ordinal, choice);
    if (isRefused(found)) return found;
    const reason = choice.unfit(found.value);
    if (reason === undefined) return done([found.value]);
    return refused("Conflict", `${choice.noun} ${targetText(target)} ${reason}`);
  }

  #chooseSome<T>(kind: "any" | "all", { noun, all, unfit }: Choice<T>): Outcome<readonly T[]> {
    const fit = all.filter((each) => each !== undefined && unfit(each) === undefined) as T[];
    if (fit.length === 0) return refused("NotFound", `there is no ${noun} that this could strike`);
    if (kind === "all") return done(fit);
    const chosen = fit[Math.floor(this.#random() * fit.length)] as T;
    return done([chosen]);
  }
}

function byOrdinal<T>(ordinal: number, { noun, all }: Choice<T>): Outcome<T> {
  const found = all[ordinal - 1];
  if (found !== undefined) return done(found);
  const reason =
    ordinal <= all.length ? "is over and forgotten" : `is not there yet; there were ${all.length}`;
  return refused("NotFound", `${noun} ${ordinal} ${reason}`);
}

function byId<T>(id: string, { noun, all, idOf, unfit }: Choice<T>): Outcome<T> {
  const same = all.filter((each) => each !== undefined && idOf(each) === id) as T[];
  const fit = same.length > 1 ? same.filter((each) => unfit(each) === undefined) : same;
  const [found] = fit;
  if (found !== undefined && fit.length === 1) return done(found);
  if (same.length === 0) return refused("NotFound", `there is no ${noun} ${id}`);
  const text = `${same.length} have the id ${id} and ${fit.length} of them fit; name fleet and compute, too`;
  return refused("InvalidRequest", text);
}
