import { Client, type Room } from "@colyseus/sdk";
import { SNAPSHOT, type Welcome } from "../../protocol/messages.ts";
import type { InProcessServer } from "./in-process-server.ts";

/** A player with the unmodified SDK, and what happened to him. */
export interface Player {
  // biome-ignore lint/suspicious/noExplicitAny: the state's type is the game's; tests read what they expect.
  readonly room: Room<any, any>;
  readonly welcomes: Welcome[];
  readonly closes: number[];
  readonly drops: number[];
  /** How often something came of the match: a state, a patch or a snapshot. */
  states: number;
}

export async function joinAs(
  server: Pick<InProcessServer, "url">,
  playerSessionId: unknown,
  options: { room?: string; method?: "joinById" | "join" | "joinOrCreate"; more?: object } = {},
): Promise<Player> {
  const client = new Client(server.url);
  const { room: name = "match", method = "joinById", more = {} } = options;
  return follow(await client[method](name, { playerSessionId, ...more }));
}

export async function reconnectAs(
  server: Pick<InProcessServer, "url">,
  token: string,
): Promise<Player> {
  return follow(await new Client(server.url).reconnect(token));
}

function follow(room: Room): Player {
  const player: Player = { room, welcomes: [], closes: [], drops: [], states: 0 };
  // Tests decide when to come back; the SDK's own retries have tests of their own.
  room.reconnection.enabled = false;
  room.onMessage("welcome", (welcome: Welcome) => player.welcomes.push(welcome));
  room.onMessage("draining", () => {});
  room.onStateChange(() => player.states++);
  room.onMessage(SNAPSHOT, () => player.states++);
  room.onLeave((code) => player.closes.push(code));
  room.onDrop((code) => player.drops.push(code));
  return player;
}

/** @returns The code that refused a join. */
export async function refusedWith(join: Promise<unknown>): Promise<number> {
  try {
    await join;
  } catch (error) {
    return (error as { code: number }).code;
  }
  throw new Error("the join was not refused");
}
