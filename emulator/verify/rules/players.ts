import { VERIFY_LIMITS } from "../limits.ts";
import type { ClientStory, Reading, RequestEntry } from "../reading.ts";
import {
  broken,
  exitText,
  type Finding,
  kept,
  notChecked,
  notReached,
  type Rule,
  timeText,
  warning,
} from "../rule.ts";
import type { Role } from "../trace.ts";

/** Clients that are to be let in whatever happens to the connection of the server. */
const ADMITTED: readonly Role[] = ["stays", "leaves"];
/** Those of them, and of later steps, that leave when they are told to. */
const LEAVERS: readonly Role[] = ["leaves", "after-link", "during-refresh"];

/** A rule that needs players. */
export function withClients(rule: Omit<Rule, "judge" | "lives">, judge: Rule["judge"]): Rule {
  return {
    ...rule,
    lives: ["match"],
    judge: (reading) =>
      reading.terms.hasClient ? judge(reading) : notChecked("no --client was given"),
  };
}

function acceptOf(reading: Reading, client: ClientStory): RequestEntry | undefined {
  return reading
    .about("AcceptPlayerSession", client.playerSessionId)
    .find(({ statusCode }) => statusCode === 200);
}

/** Why a player is not in, who should be; `undefined` when he is. */
export function whyNotIn(reading: Reading, client: ClientStory): string | undefined {
  const { gone } = client;
  const end = gone === undefined ? "" : ` and its client ended (${exitText(gone)})`;
  const accept = acceptOf(reading, client);
  if (accept === undefined) {
    const asked = reading.about("AcceptPlayerSession", client.playerSessionId).at(-1);
    const status = asked?.statusCode ?? "nothing";
    return asked === undefined
      ? `AcceptPlayerSession never came${end}`
      : `AcceptPlayerSession was answered ${status}${end}`;
  }
  if (gone === undefined || gone.code === 0) return undefined;
  const isPutOut = gone.atMs < accept.atMs + VERIFY_LIMITS.stayMs && client.leftByItself;
  return isPutOut
    ? `the service took the player, but its client ended (${exitText(gone)})`
    : undefined;
}

const acceptsPlayers = withClients(
  {
    id: "V14",
    name: "accepts-players",
    demand:
      "A player with a RESERVED player session is let in, and the service is told so (AcceptPlayerSession); otherwise the reservation is over after 60 s and the player is not counted.",
  },
  (reading) => {
    const clients = reading.clients(...ADMITTED);
    if (clients.length === 0) return notReached(reading);
    const why = clients
      .map((client) => whyNotIn(reading, client))
      .find((text) => text !== undefined);
    return why === undefined ? kept(`${clients.length} of ${clients.length} players`) : broken(why);
  },
);

const acceptsOnce = withClients(
  {
    id: "V15",
    name: "accepts-once",
    demand: "AcceptPlayerSession is sent once for one player who comes.",
  },
  (reading) => {
    const clients = reading.clients(...ADMITTED).filter((client) => acceptOf(reading, client));
    if (clients.length === 0) return notReached(reading);
    const again = clients
      .map((client) => acceptsWhileAlone(reading, client))
      .find((count) => count > 1);
    return again === undefined
      ? kept(`${clients.length} players, one accept each`)
      : broken(`${again} accepts of one player session`);
  },
);

/** Until somebody else presents the same id, which may be asked about once more. */
function acceptsWhileAlone(reading: Reading, client: ClientStory): number {
  const other = reading
    .all("client-started")
    .filter(({ playerSessionId }) => playerSessionId === client.playerSessionId)[1];
  return reading
    .about("AcceptPlayerSession", client.playerSessionId)
    .filter((request) => other === undefined || reading.isBefore(request, other)).length;
}

const seatsAPlayerOnce = withClients(
  {
    id: "V16",
    name: "seats-a-player-once",
    demand: "Of two connections with one player session id at most one is kept.",
  },
  (reading) => {
    const [twin] = reading.clients("twin");
    if (twin === undefined) return notReached(reading);
    if (twin.leftByItself)
      return twin.gone?.code === 0
        ? broken("the client of the second one ended with 0, which says that it was let in")
        : kept("the second one was not kept");
    const first = reading
      .clients()
      .find(
        ({ role, playerSessionId }) => role !== "twin" && playerSessionId === twin.playerSessionId,
      );
    return first?.leftByItself
      ? kept("the second one took the place of the first")
      : broken("both were kept");
  },
);

const removesPlayers = withClients(
  {
    id: "V17",
    name: "removes-players",
    demand:
      "When a player has left, the service is told (RemovePlayerSession); otherwise the place stays taken. Not before.",
  },
  (reading) => {
    const leavers = reading
      .clients(...LEAVERS)
      .filter((client) => acceptOf(reading, client) && client.toldToLeaveAtMs !== undefined);
    if (leavers.length === 0) return notReached(reading);
    const findings = leavers.map((client) => removalOf(reading, client));
    return findings.find(({ verdict }) => verdict !== "kept") ?? (findings[0] as Finding);
  },
);

function removalOf(reading: Reading, client: ClientStory): Finding {
  const removals = reading.about("RemovePlayerSession", client.playerSessionId);
  const removed = removals.find(({ statusCode }) => statusCode === 200);
  const toldMs = client.toldToLeaveAtMs ?? 0;
  if (removed === undefined) {
    const refused = removals.at(-1);
    const within = `within ${timeText(reading.terms.patienceMs)} of his leaving`;
    return broken(
      refused === undefined
        ? `no RemovePlayerSession ${within}`
        : `RemovePlayerSession was answered ${refused.statusCode ?? "nothing"}`,
    );
  }
  const leftMs = client.leftByItself ? (client.gone?.atMs ?? toldMs) : toldMs;
  return removed.atMs < leftMs && client.gone?.code !== 0
    ? broken("the player session was removed while its player was there")
    : kept(`removed ${timeText(Math.max(0, removed.atMs - leftMs))} after he left`);
}

const removesOnce = withClients(
  {
    id: "V18",
    name: "removes-once",
    demand:
      "RemovePlayerSession is sent once for a player session that was accepted, and for no other.",
  },
  (reading) => {
    const removals = reading.requests("RemovePlayerSession");
    if (removals.length === 0) return notReached(reading);
    const ids = removals.map(({ members }) => members["PlayerSessionId"]);
    const accepted = new Set(
      reading.granted("AcceptPlayerSession").map(({ members }) => members["PlayerSessionId"]),
    );
    const twice = ids.length - new Set(ids).size;
    const strange = ids.filter((id) => !accepted.has(id)).length;
    if (twice + strange === 0) return kept(`${removals.length} removals`);
    return warning(
      `${twice} removals too many, ${strange} of player sessions that were not accepted`,
    );
  },
);

export const playerRules = [
  acceptsPlayers,
  acceptsOnce,
  seatsAPlayerOnce,
  removesPlayers,
  removesOnce,
] as const;
