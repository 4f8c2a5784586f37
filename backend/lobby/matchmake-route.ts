/**
 * The lobby as a stock Colyseus 0.18 client sees it: a matchmaker that hands out direct seats.
 * @module
 */
import { hash } from "node:crypto";
import { type Answer, authorityOf, colyseusRefusal, hostOf } from "./answers.ts";
import { isName } from "./join-route.ts";
import type { Lobby } from "./lobby.ts";

/** The id of every room of a server. */
const ROOM_ID = "match";

type Members = Readonly<Record<string, unknown>>;

/** Answers `POST /matchmake/METHOD/ROOM`. @param isTls - Whether game ports speak TLS. */
export async function answerMatchmake(
  lobby: Lobby,
  target: { readonly method: string; readonly room: string },
  options: Members,
  isTls: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const { method, room } = target;
  if (method !== "joinOrCreate" && method !== "join") return colyseusRefusal("method_not_exposed");
  const { name } = options;
  const outcome = await lobby.join({
    game: room,
    // A stock client's options are the game's own affair: what is no name is no mistake.
    playerName: isName(name) ? name : undefined,
    playerToken: undefined,
    mayOpen: method === "joinOrCreate",
    signal,
  });
  if (outcome.outcome === "refused") return colyseusRefusal(outcome.code);
  const { playerSessionId, address } = outcome.seat;
  return {
    status: 200,
    body: {
      name: room,
      sessionId: publicSessionId(playerSessionId),
      roomId: ROOM_ID,
      // Every stock client puts it into the path of its WebSocket, and shows it to nobody: docs/PROTOCOL.md.
      processId: playerSessionId,
      publicAddress: authorityOf(hostOf(address, isTls), address.port),
    },
  };
}

/** The session id that a server gives a seat from a lobby: 22 characters of a hash (128 bits), which others may see. */
function publicSessionId(playerSessionId: string): string {
  return hash("sha256", playerSessionId, "base64url").slice(0, 22);
}
