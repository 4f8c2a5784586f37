import type { Entry } from "../../../emulator/verify/trace.ts";
import {
  answered,
  type Case,
  each,
  exit,
  goneClient,
  isAfterCut,
  isRequest,
  isStep,
  kill,
  secondOf,
  until,
  without,
} from "./wrong-lives.ts";

export const LINK_AND_END_CASES: readonly Case[] = [
  {
    rule: "comes-back-after-lost-link",
    how: "stays away",
    change: without((entry) => entry.kind === "connected" && entry.connection > 1),
  },
  {
    rule: "stays-ready-after-lost-link",
    how: "says again that it is ready",
    change: secondOf("ActivateServerProcess"),
  },
  {
    rule: "keeps-game-session-over-lost-link",
    how: "puts a player out",
    change: goneClient("stays", isAfterCut),
  },
  {
    rule: "keeps-game-session-over-lost-link",
    how: "says goodbye",
    change: (trace) => {
      const goodbye = trace.entries.filter((entry) => isRequest(entry, "TerminateServerProcess"));
      return each((entry) => (isAfterCut(entry) ? [entry, ...goodbye] : entry))(
        without((entry) => (goodbye as readonly Entry[]).includes(entry))(trace),
      );
    },
  },
  {
    rule: "repeats-idempotency-token",
    how: "comes back with another",
    change: each((entry) =>
      isAfterCut(entry) ? ({ ...entry, idempotencyToken: 7 } as Entry) : entry,
    ),
    verdict: "warning",
  },
  {
    rule: "follows-refresh",
    how: "takes the old token along",
    change: each((entry) => (entry.kind === "connected" ? { ...entry, authToken: 1 } : entry)),
  },
  {
    rule: "follows-refresh",
    how: "does not connect again",
    change: without((entry) => entry.kind === "connected" && entry.connection === 3),
  },
  {
    rule: "closes-old-connection",
    how: "leaves it open",
    change: without((entry) => entry.kind === "disconnected" && entry.connection === 2),
    verdict: "warning",
  },
  {
    rule: "loses-no-request-in-refresh",
    how: "drops the player",
    change: goneClient(
      "during-refresh",
      (entry) => entry.kind === "connected" && entry.connection === 3,
    ),
  },
  {
    rule: "stays-away-when-dismissed",
    how: "connects again",
    life: "dismissed",
    change: (trace) => ({
      ...trace,
      entries: [
        ...trace.entries,
        ...trace.entries.filter(({ kind }) => kind === "connected").map((entry) => ({ ...entry })),
      ],
    }),
    verdict: "warning",
  },
  {
    rule: "stays-away-when-dismissed",
    how: "still runs",
    life: "dismissed",
    change: each((entry) => (entry.kind === "exited" ? [kill(), entry] : entry)),
    verdict: "warning",
  },
  {
    rule: "speaks-the-protocol",
    how: "sends what is no JSON",
    change: each((entry) =>
      isAfterCut(entry)
        ? [entry, { atMs: entry.atMs, kind: "bad-frame", connection: 2, why: "no JSON object" }]
        : entry,
    ),
  },
  {
    rule: "speaks-the-protocol",
    how: "sends a member that nobody knows",
    change: each((entry) =>
      isRequest(entry, "ActivateGameSession")
        ? { ...entry, problems: ["Foo: not documented"] }
        : entry,
    ),
    verdict: "warning",
  },
  {
    rule: "keeps-to-rate-limits",
    how: "describes eleven times at once",
    change: each((entry) =>
      isRequest(entry, "ActivateGameSession")
        ? [
            entry,
            ...Array.from({ length: 11 }, (_, index) => ({
              ...entry,
              action: "DescribePlayerSessions",
              requestId: `describe-${index}`,
            })),
          ]
        : entry,
    ),
  },
  {
    rule: "keeps-to-rate-limits",
    how: "is answered 429",
    change: answered("ActivateGameSession", 429),
  },
  {
    rule: "asks-backfill-properly",
    how: "names nobody",
    change: each((entry) =>
      isRequest(entry, "ActivateGameSession")
        ? [entry, { ...entry, action: "StartMatchBackfill", members: { Players: [] } }]
        : entry,
    ),
  },
  {
    rule: "asks-backfill-properly",
    how: "names a player twice",
    change: each((entry) =>
      isRequest(entry, "ActivateGameSession")
        ? [
            entry,
            {
              ...entry,
              action: "StartMatchBackfill",
              members: { Players: [{ PlayerId: "p" }, { PlayerId: "p" }] },
            },
          ]
        : entry,
    ),
  },
  {
    rule: "keeps-secrets-out-of-its-output",
    how: "prints the token",
    change: each((entry) =>
      isAfterCut(entry)
        ? [entry, { atMs: entry.atMs, kind: "secret-written", what: "the auth token" }]
        : entry,
    ),
    verdict: "warning",
  },
  {
    rule: "lives-until-told",
    how: "ends without a word",
    change: until(isStep("create-game-session"), exit(3)),
  },
  {
    rule: "lives-until-told",
    how: "ends without a word while idle",
    life: "idle",
    change: until((entry) => isRequest(entry, "HeartbeatServerProcess"), exit(0)),
  },
  {
    rule: "obeys-terminate-process",
    how: "says no goodbye",
    change: without((entry) => isRequest(entry, "TerminateServerProcess")),
  },
  {
    rule: "obeys-terminate-process",
    how: "says goodbye after the deadline",
    change: each((entry) =>
      isRequest(entry, "TerminateServerProcess") ? { ...entry, atMs: entry.atMs + 3_001 } : entry,
    ),
  },
  {
    rule: "obeys-terminate-when-idle",
    how: "does not",
    life: "idle",
    change: until(isStep("terminate-process"), kill(), exit(0)),
  },
  {
    rule: "exits-after-goodbye",
    how: "has to be killed",
    change: each((entry) => (entry.kind === "exited" ? [kill(), entry] : entry)),
  },
  {
    rule: "exits-after-goodbye",
    how: "takes too long",
    change: each((entry) =>
      entry.kind === "exited" ? { ...entry, atMs: entry.atMs + 3_001 } : entry,
    ),
  },
  {
    rule: "exits-with-0",
    how: "exits with 3",
    change: each((entry) => (entry.kind === "exited" ? { ...entry, code: 3 } : entry)),
  },
  {
    rule: "settles-players-before-goodbye",
    how: "removes one afterwards",
    change: (trace) => {
      const goodbye = trace.entries.findIndex((entry) =>
        isRequest(entry, "TerminateServerProcess"),
      );
      const late = trace.entries
        .filter((entry) => isRequest(entry, "RemovePlayerSession"))
        .slice(-1)
        .map((entry) => ({ ...entry }));
      return { ...trace, entries: trace.entries.toSpliced(goodbye + 1, 0, ...late) };
    },
    verdict: "warning",
  },
];
