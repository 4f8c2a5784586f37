/**
 * A player without a person: joins with a player session id and plays until the match or its patience ends.
 * @module
 */
import type { ArenaReplica } from "../rooms/arena/replica.ts";
import type { DuelReplica } from "../rooms/duel/replica.ts";
import { flyArena } from "./arena/bot-pilot.ts";
import { type JoinOptions, joinMatch, type MatchConnection } from "./connection.ts";
import { playDuel } from "./duel/bot-player.ts";
import type { Refusal } from "./refusal.ts";
import type { SeatPlayer } from "./seat-player.ts";

export const BOT_GAMES = ["arena", "duel"] as const;
export type BotGame = (typeof BOT_GAMES)[number];

export function isBotGame(game: string): game is BotGame {
  return (BOT_GAMES as readonly string[]).includes(game);
}

export interface BotOptions {
  readonly game: BotGame;
  /** @see JoinOptions.url */
  readonly url: string;
  /** @see JoinOptions.tlsTrusted */
  readonly tlsTrusted?: string;
  readonly playerSessionId: string;
  /** Unsigned 32-bit; the only source of the bot's whims. */
  readonly seed: number;
  /** Makes the bot leave. */
  readonly signal?: AbortSignal;
}

export interface BotEnd {
  /** False when the join was refused. */
  readonly hasPlayed: boolean;
  readonly refusal: Refusal;
}

/** Plays one match. Never rejects; settles when the connection has ended or the join was refused. */
export async function runBot(options: BotOptions): Promise<BotEnd> {
  let stateChanged = (): void => {};
  const ending = Promise.withResolvers<Refusal>();
  const join: JoinOptions = {
    url: options.url,
    ...(options.tlsTrusted !== undefined && { tlsTrusted: options.tlsTrusted }),
    // Whoever sends bots sends them again; one that comes back by itself would talk about it on the console.
    mayReconnect: false,
    listener: { stateChanged: () => stateChanged(), ended: ending.resolve },
  };
  const outcome = await joinMatch<unknown>(options.playerSessionId, join);
  if (outcome.state === "refused") return { hasPlayed: false, refusal: outcome.refusal };
  const { connection } = outcome;
  const leave = (): void => void connection.leave();
  options.signal?.addEventListener("abort", leave, { once: true });
  if (options.signal?.aborted) leave();
  const seat = takeControls(options, connection);
  stateChanged = seat.stateChanged;
  const refusal = await ending.promise;
  seat.stop();
  options.signal?.removeEventListener("abort", leave);
  return { hasPlayed: true, refusal };
}

function takeControls(options: BotOptions, connection: MatchConnection<unknown>): SeatPlayer {
  // Which game a server hosts is known by its name alone; the replica's type follows from it.
  return options.game === "arena"
    ? flyArena(connection as MatchConnection<ArenaReplica>, options.seed)
    : playDuel(connection as MatchConnection<DuelReplica>, options.seed);
}
