/**
 * What the page asks over HTTP: where servers are, a player session id, and more bots.
 * @module
 */

/** No answer by then is no answer; milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

interface GameAddress {
  readonly game: string;
  /** Game port. */
  readonly url: string;
  /** Admin port; hands out player session ids with the local fleet. */
  readonly adminUrl: string;
}

export interface ServerList {
  readonly servers: readonly GameAddress[];
  /** Where bots can be ordered; absent where nobody runs any. */
  readonly botsPath?: string;
}

export type Answer<Value> =
  | { readonly state: "given"; readonly value: Value }
  /** Asked and understood, but there is none left. */
  | { readonly state: "none-free" }
  | { readonly state: "unreachable" };

/** Asks the page's own origin where the servers are. */
export async function askServers(): Promise<Answer<ServerList>> {
  const answer = await ask("/servers.json", "GET");
  if (answer.state !== "given") return answer;
  const list = answer.value as Partial<ServerList> | null;
  if (!Array.isArray(list?.servers)) return { state: "unreachable" };
  return { state: "given", value: list as ServerList };
}

/** Asks a local server's admin port for the next free player session id. */
export async function askPlayerSession(adminUrl: string): Promise<Answer<string>> {
  const answer = await ask(`${adminUrl}/local/next-player-session`, "POST");
  if (answer.state !== "given") return answer;
  const { playerSessionId } = (answer.value ?? {}) as { playerSessionId?: unknown };
  if (typeof playerSessionId !== "string") return { state: "unreachable" };
  return { state: "given", value: playerSessionId };
}

/** Orders bots. @returns In words, what came of it. */
export async function orderBots(path: string, game: string, count: number): Promise<string> {
  const answer = await ask(path, "POST", { game, count });
  if (answer.state !== "given") return "Bots cannot be added right now.";
  const { added } = (answer.value ?? {}) as { added?: unknown };
  if (added === 0) return "No room for more bots.";
  return added === 1 ? "One bot is coming." : `${String(added)} bots are coming.`;
}

async function ask(url: string, method: string, body?: unknown): Promise<Answer<unknown>> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 409) return { state: "none-free" };
    if (!response.ok) return { state: "unreachable" };
    return { state: "given", value: await response.json() };
  } catch {
    // Refused, timed out or no JSON: to the player it is all the same, nobody answers.
    return { state: "unreachable" };
  }
}
