import {
  type Case,
  each,
  goneClient,
  isRequest,
  keptClient,
  numberOf,
  secondOf,
  without,
} from "./wrong-lives.ts";

export const PLAYER_CASES: readonly Case[] = [
  {
    rule: "accepts-players",
    how: "never accepts",
    change: without((entry) => isRequest(entry, "AcceptPlayerSession")),
  },
  {
    rule: "accepts-players",
    how: "accepts and throws the player out",
    change: (trace) => {
      const first = trace.entries.find((entry) => isRequest(entry, "AcceptPlayerSession"));
      return goneClient("stays", (entry) => entry === first)(trace);
    },
  },
  { rule: "accepts-once", how: "accepts twice", change: secondOf("AcceptPlayerSession") },
  { rule: "seats-a-player-once", how: "keeps both", change: keptClient("twin") },
  {
    rule: "removes-players",
    how: "removes nobody",
    change: without((entry) => isRequest(entry, "RemovePlayerSession")),
  },
  {
    rule: "removes-players",
    how: "removes who is still there",
    change: (trace) => {
      const leaver = numberOf(trace, "leaves");
      const early = each((entry) =>
        isRequest(entry, "RemovePlayerSession") ? { ...entry, atMs: entry.atMs - 500 } : entry,
      );
      const unwilling = each((entry) =>
        entry.kind === "client-gone" && entry.client === leaver ? { ...entry, code: 1 } : entry,
      );
      return unwilling(early(trace));
    },
  },
  {
    rule: "removes-once",
    how: "removes twice",
    change: secondOf("RemovePlayerSession"),
    verdict: "warning",
  },
  { rule: "refuses-unknown-players", how: "keeps one", change: keptClient("unknown") },
  { rule: "refuses-used-player-sessions", how: "keeps one", change: keptClient("used") },
  { rule: "refuses-expired-reservations", how: "keeps one", change: keptClient("expired") },
  { rule: "refuses-players-of-other-sessions", how: "keeps one", change: keptClient("foreign") },
  {
    rule: "refuses-unknown-players",
    how: "lets one in who leaves by himself",
    change: (trace) =>
      each((entry) =>
        entry.kind === "client-gone" && entry.client === numberOf(trace, "unknown")
          ? { ...entry, code: 0 }
          : entry,
      )(trace),
  },
];
