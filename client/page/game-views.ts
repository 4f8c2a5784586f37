/**
 * One face for both games, so that the page need not know which one it shows.
 * @module
 */
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import type { DuelReplica } from "../../rooms/duel/replica.ts";
import type { ArenaView } from "../arena/arena-view.ts";
import type { Pose } from "../arena/remote-ships.ts";
import type { MatchConnection } from "../connection.ts";
import type { Feel } from "../timing/feel-meter.ts";
import { ArenaScene } from "./arena/arena-scene.ts";
import { fillScoreRows, standings } from "./arena/hud.ts";
import { DuelBoard } from "./duel/duel-board.ts";
import { element } from "./elements.ts";
import type { Outcome } from "./notice.ts";

export const PAGE_GAMES = ["arena", "duel"] as const;
export type PageGame = (typeof PAGE_GAMES)[number];

export interface GameView {
  enter(connection: MatchConnection<unknown>, nowMs: number): void;
  reseated(): void;
  stateChanged(nowMs: number): void;
  frame(nowMs: number): void;
  /** How a match that is over went; `undefined` while it runs. */
  outcome(connection: MatchConnection<unknown>): Outcome | undefined;
  /** Ships or players in the match. */
  playersCount(connection: MatchConnection<unknown>): number;
  /** What a player feels of the network; `undefined` where nobody can feel it. */
  feel(nowMs: number): Feel | undefined;
  /** The newest that was heard of. */
  tick(connection: MatchConnection<unknown>): number;
  readonly ownPose: Pose | undefined;
  /** As they are shown. */
  readonly others: readonly { readonly seat: number; readonly x: number; readonly y: number }[];
}

const ROWS_MAX = 6;

export function createView(game: PageGame): GameView {
  element("stage", HTMLCanvasElement).hidden = game !== "arena";
  element("duel", HTMLElement).hidden = game !== "duel";
  return game === "arena" ? createArenaView() : createDuelView();
}

function createArenaView(): GameView {
  const scene = new ArenaScene(element("stage", HTMLCanvasElement));
  // Which game a server hosts is known by its name alone; the replica's type follows from it.
  const arena = (connection: MatchConnection<unknown>): MatchConnection<ArenaReplica> =>
    connection as MatchConnection<ArenaReplica>;
  return {
    enter: (connection, nowMs) => scene.enter(arena(connection), nowMs),
    reseated: () => scene.reseated(),
    stateChanged: (nowMs) => scene.stateChanged(nowMs),
    frame: (nowMs) => scene.frame(nowMs),
    outcome: ({ welcome }) => scene.view && arenaOutcome(scene.view, welcome.seat),
    playersCount: (connection) => arena(connection).state.ships.size,
    feel: (nowMs) => scene.feel(nowMs),
    tick: () => scene.view?.tick ?? 0,
    get ownPose() {
      return scene.ownPose;
    },
    get others() {
      return scene.others;
    },
  };
}

function arenaOutcome(view: ArenaView, ownSeat: number): Outcome | undefined {
  if (view.phase !== "over") return undefined;
  const ships = standings(view, ownSeat, ROWS_MAX);
  return {
    title: arenaTitle(view, ownSeat),
    fillRows: (list) => fillScoreRows(list, ships, ownSeat),
  };
}

function arenaTitle(view: ArenaView, ownSeat: number): string {
  const winners = [...view.winners];
  if (winners.includes(ownSeat)) return winners.length === 1 ? "You win!" : "Your side wins!";
  const [first] = winners;
  if (first === undefined) return "A draw";
  const winner = view.ships.get(first);
  const isTeam = winners.length > 1 && winner !== undefined && winner.team !== "";
  const name = isTeam ? `Team ${winner.team}` : winner?.name;
  return name === undefined ? "Match over" : `${name} wins`;
}

function createDuelView(): GameView {
  const board = new DuelBoard();
  const duel = (connection: MatchConnection<unknown>): MatchConnection<DuelReplica> =>
    connection as MatchConnection<DuelReplica>;
  return {
    enter: (connection) => board.enter(duel(connection)),
    reseated: () => {},
    stateChanged: () => board.update(),
    frame: () => {},
    outcome: (connection) => duelOutcome(duel(connection)),
    playersCount: (connection) => duel(connection).state.players.size,
    feel: () => undefined,
    tick: (connection) => duel(connection).state.tick,
    ownPose: undefined,
    others: [],
  };
}

function duelOutcome({ state, welcome }: MatchConnection<DuelReplica>): Outcome | undefined {
  if (state.phase !== "over") return undefined;
  const [winner] = state.winners;
  if (winner === undefined) return { title: "A draw" };
  if (winner === welcome.seat) return { title: "You win!" };
  return { title: `${state.players.get(String(winner))?.name ?? "The other player"} wins` };
}
