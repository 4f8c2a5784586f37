/**
 * The bots behind the page's button: each joins, plays, and joins the next match.
 * @module
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type BotGame, isBotGame, runBot } from "../../client/bot.ts";
import { askLobby } from "../../client/lobby.ts";
import type { BotOrder } from "./page-server.ts";

/** Bots of all games together: what one laptop runs beside servers and browser. */
const BOTS_MAX = 16;

/** Seats of a duel: one for the person, one for a bot. */
const DUEL_BOTS_MAX = 1;

/** Joins in a row that may fail before a bot goes home; with the pauses about a minute and a half. */
const FAILURES_MAX = 30;
const RETRY_PAUSE_MS = 3_000;

/** After a match its result shows for 10 s; a bot asks for the next seat shortly after the old one is gone. */
const NEXT_MATCH_PAUSE_MS = 1_000;

export interface BotCrewDeps {
  /** Where the lobby listens now; `undefined` while it does not. */
  readonly lobbyUrl: () => string | undefined;
}

export class BotCrew {
  readonly #deps: BotCrewDeps;
  readonly #ending = new AbortController();
  readonly #lives = new Map<Promise<void>, BotGame>();
  #sent = 0;

  constructor(deps: BotCrewDeps) {
    this.#deps = deps;
  }

  /** Adds as many of the ordered bots as there is room for. `undefined` when no bot knows the game. */
  add(order: BotOrder): { added: number; total: number } | undefined {
    const { game } = order;
    if (!isBotGame(game)) return undefined;
    const sameGame = [...this.#lives.values()].filter((playing) => playing === game).length;
    const gameRoom = game === "duel" ? DUEL_BOTS_MAX - sameGame : BOTS_MAX;
    const room = Math.min(BOTS_MAX - this.#lives.size, gameRoom);
    const added = this.#ending.signal.aborted ? 0 : Math.max(0, Math.min(order.count, room));
    for (let index = 0; index < added; index++) this.#send(game);
    return { added, total: this.#lives.size };
  }

  /** Sends every bot home and waits until all have left. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#lives.keys());
  }

  #send(game: BotGame): void {
    const name = `Bot ${++this.#sent}`;
    const life = this.#live(game, name).finally(() => this.#lives.delete(life));
    this.#lives.set(life, game);
  }

  async #live(game: BotGame, name: string): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; failures < FAILURES_MAX && !signal.aborted; failures++) {
      const hasPlayed = await this.#playOneMatch(game, name, signal);
      if (hasPlayed) failures = 0;
      await pause(hasPlayed ? NEXT_MATCH_PAUSE_MS : RETRY_PAUSE_MS, signal);
    }
  }

  /** @returns Whether it got a seat. */
  async #playOneMatch(game: BotGame, playerName: string, signal: AbortSignal): Promise<boolean> {
    const lobbyUrl = this.#deps.lobbyUrl();
    if (lobbyUrl === undefined) return false;
    const asked = await askLobby(lobbyUrl, { game, playerName }, signal);
    // Restarting, or no server is free; the bot asks again after its pause.
    if (asked.state === "refused") return false;
    const { url, playerSessionId } = asked.seat;
    const seed = randomInt(0x1_0000_0000);
    const end = await runBot({ game, url, playerSessionId, seed, signal });
    return end.hasPlayed;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the loop sees it.
  }
}
