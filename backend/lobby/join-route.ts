import { type Answer, hostOf, refusal } from "./answers.ts";
import { LOBBY_LIMITS } from "./limits.ts";
import type { JoinOutcome, Lobby } from "./lobby.ts";

type Members = Readonly<Record<string, unknown>>;

/** Answers `POST /v1/join`. @param isTls - Whether game ports speak TLS. */
export async function answerJoin(
  lobby: Lobby,
  said: Members,
  isTls: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const { game, playerName, playerToken } = said;
  if (typeof game !== "string" || !isName(playerName) || !isOptionalText(playerToken)) {
    return refusal("malformed");
  }
  const outcome = await lobby.join({ game, playerName, playerToken, mayOpen: true, signal });
  return outcome.outcome === "refused" ? refusal(outcome.code) : seated(outcome, isTls);
}

/** Whether that is a name a player may have, or none. */
export function isName(name: unknown): name is string | undefined {
  if (name === undefined) return true;
  return typeof name === "string" && name !== "" && name.length <= LOBBY_LIMITS.nameCharactersMax;
}

function isOptionalText(text: unknown): text is string | undefined {
  return text === undefined || typeof text === "string";
}

function seated(
  { seat, player }: Extract<JoinOutcome, { outcome: "seated" }>,
  isTls: boolean,
): Answer {
  const { playerSessionId, gameSessionId, address } = seat;
  return {
    status: 200,
    body: {
      playerSessionId,
      gameSessionId,
      host: hostOf(address, isTls),
      port: address.port,
      transports: isTls ? ["wss", "tls"] : ["ws", "tcp"],
      playerId: player.playerId,
      playerToken: player.playerToken,
    },
  };
}
