import type { ClientStory, Reading } from "../reading.ts";
import { broken, exitText, type Finding, kept, notReached, type Rule, timeText } from "../rule.ts";
import type { Role } from "../trace.ts";
import { withClients } from "./players.ts";

/** A rule that a player session id of one kind admits nobody. */
function refuses(role: Role, rule: Omit<Rule, "judge" | "lives">): Rule {
  return withClients(rule, (reading) => {
    const clients = reading.clients(role);
    if (clients.length === 0) return notReached(reading);
    const findings = clients.map((client) => refusalOf(reading, client));
    return findings.find(({ verdict }) => verdict !== "kept") ?? (findings[0] as Finding);
  });
}

function refusalOf(reading: Reading, client: ClientStory): Finding {
  const { gone, startedAtMs, toldToLeaveAtMs, leftByItself } = client;
  if (gone === undefined || !leftByItself) {
    const untilMs = toldToLeaveAtMs ?? gone?.atMs ?? reading.endMs;
    return broken(`its client was still connected after ${timeText(untilMs - startedAtMs)}`);
  }
  if (gone.code === 0) return broken("its client ended with 0, which says that it was let in");
  const asked = reading
    .about("AcceptPlayerSession", client.playerSessionId)
    .filter(({ atMs }) => atMs >= startedAtMs);
  const how = asked.length === 0 ? "without asking" : "after AcceptPlayerSession was refused";
  return kept(`turned away ${how} (${exitText(gone)})`);
}

export const refusalRules = [
  refuses("unknown", {
    id: "V19",
    name: "refuses-unknown-players",
    demand: "A player session id that the service does not know admits nobody.",
  }),
  refuses("used", {
    id: "V20",
    name: "refuses-used-player-sessions",
    demand: "The id of a player who has left and was removed admits nobody again.",
  }),
  refuses("expired", {
    id: "V21",
    name: "refuses-expired-reservations",
    demand: "A player session that is TIMEDOUT admits nobody.",
  }),
  refuses("foreign", {
    id: "V22",
    name: "refuses-players-of-other-sessions",
    demand: "A player session of another game session admits nobody.",
  }),
] as const;
