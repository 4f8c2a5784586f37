/**
 * What the page asks of whoever serves it: where the lobby is, and more bots.
 * @module
 */

/** No answer by then is no answer; milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

export interface Surroundings {
  /** The lobby's own origin. */
  readonly lobbyUrl: string;
  /** Where bots can be ordered; absent where nobody runs any. */
  readonly botsPath?: string;
}

/** Asks the page's own origin. @returns `undefined` when nobody answers. */
export async function askSurroundings(): Promise<Surroundings | undefined> {
  const answer = (await ask("/lobby.json", "GET")) as Partial<Surroundings> | null | undefined;
  return typeof answer?.lobbyUrl === "string" ? (answer as Surroundings) : undefined;
}

/** Orders bots. @returns In words, what came of it. */
export async function orderBots(path: string, game: string, count: number): Promise<string> {
  const answer = await ask(path, "POST", { game, count });
  if (answer === undefined) return "Bots cannot be added right now.";
  const { added } = (answer ?? {}) as { added?: unknown };
  if (added === 0) return "No room for more bots.";
  return added === 1 ? "One bot is coming." : `${String(added)} bots are coming.`;
}

async function ask(url: string, method: string, body?: unknown): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    // Refused, timed out or no JSON: to the player it is all the same, nobody answers.
    return undefined;
  }
}
