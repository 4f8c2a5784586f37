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
  until,
  withMembers,
  without,
} from "./wrong-lives.ts";

export const SERVER_CASES: readonly Case[] = [
  {
    rule: "connects-in-time",
    how: "is killed before it has connected",
    change: until(isStep("start-server"), kill(), exit(0)),
  },
  {
    rule: "identifies-itself",
    how: "is refused once",
    change: each((entry) =>
      isAfterCut(entry)
        ? [{ atMs: entry.atMs, kind: "connection-refused", status: 403, why: "Fleet?" }, entry]
        : entry,
    ),
  },
  {
    rule: "identifies-itself",
    how: "names no IdempotencyToken",
    change: each((entry) =>
      entry.kind === "connected"
        ? { ...entry, parameters: entry.parameters.toSpliced(3, 1) }
        : entry,
    ),
    verdict: "warning",
  },
  {
    rule: "activates-process",
    how: "is refused as ready",
    change: answered("ActivateServerProcess", 400),
  },
  {
    rule: "names-valid-port",
    how: "names a text",
    change: withMembers("ActivateServerProcess", { Port: "7777" }),
  },
  {
    rule: "names-valid-port",
    how: "names a port that the fleet keeps closed",
    change: (trace) => ({ ...trace, terms: { ...trace.terms, openPorts: [{ from: 7, to: 8 }] } }),
  },
  {
    rule: "names-log-paths",
    how: "names none",
    change: withMembers("ActivateServerProcess", { LogPaths: null }),
  },
  {
    rule: "names-log-paths",
    how: "names one with a star",
    change: withMembers("ActivateServerProcess", { LogPaths: ["logs/*.log"] }),
  },
  {
    rule: "names-log-paths",
    how: "names one elsewhere",
    change: withMembers("ActivateServerProcess", { LogPaths: ["/var/log/game"] }),
    verdict: "warning",
  },
  {
    rule: "names-sdk-version",
    how: "names no language",
    change: withMembers("ActivateServerProcess", { SdkLanguage: "" }),
  },
  {
    rule: "listens-on-port",
    how: "is not found there",
    change: each((entry) => (entry.kind === "probed" ? { ...entry, found: "nothing" } : entry)),
  },
  {
    rule: "sends-first-heartbeat",
    how: "sends none",
    change: without((entry) => isRequest(entry, "HeartbeatServerProcess")),
  },
  {
    rule: "sends-first-heartbeat",
    how: "takes its time",
    change: each((entry) =>
      isRequest(entry, "HeartbeatServerProcess") ? { ...entry, atMs: entry.atMs + 5_500 } : entry,
    ),
    verdict: "warning",
  },
  {
    rule: "reports-healthy",
    how: "reports false",
    change: withMembers("HeartbeatServerProcess", { HealthStatus: false }),
  },
  {
    rule: "keeps-heartbeat-pace",
    how: "reports once and then no more",
    change: (trace) => {
      const first = trace.entries.find((entry) => isRequest(entry, "HeartbeatServerProcess"));
      const isLater = (entry: Entry) =>
        isRequest(entry, "HeartbeatServerProcess") && entry !== first;
      return without(isLater)(trace);
    },
  },
  {
    rule: "keeps-heartbeat-pace",
    how: "reports every second of a minute",
    change: (trace) => ({ ...trace, terms: { ...trace.terms, reportMs: 60_000 } }),
    verdict: "warning",
  },
  {
    rule: "activates-game-session",
    how: "says nothing of it",
    change: without((entry) => isRequest(entry, "ActivateGameSession")),
  },
  {
    rule: "names-its-game-session",
    how: "accepts for another",
    change: withMembers("AcceptPlayerSession", { GameSessionId: "arn:of-another" }),
  },
  {
    rule: "survives-updates",
    how: "ends after them",
    change: until((entry) => isStep("update-game-session")(entry), exit(1)),
  },
  {
    rule: "survives-updates",
    how: "puts a player out",
    change: goneClient("stays", isStep("update-game-session")),
  },
];
