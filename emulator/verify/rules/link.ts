import { VERIFY_LIMITS } from "../limits.ts";
import type { Reading } from "../reading.ts";
import {
  broken,
  exitText,
  kept,
  notChecked,
  notReached,
  type Rule,
  timeText,
  warning,
} from "../rule.ts";
import type { EntryOf, Step } from "../trace.ts";
import { whyNotIn, withClients } from "./players.ts";

/** The first connection that was made after a step, and before the next one. */
function connectedAfter(reading: Reading, step: Step): EntryOf<"connected"> | undefined {
  const begun = reading.step(step);
  if (begun === undefined) return undefined;
  return reading.first("connected", (each) =>
    reading.isBetween(each, begun, reading.stepAfter(begun)),
  );
}

/** The connection that a later one took the place of. */
function connectedBefore(
  reading: Reading,
  next: EntryOf<"connected">,
): EntryOf<"connected"> | undefined {
  return reading.all("connected").findLast((each) => reading.isBefore(each, next));
}

/** Whoever turns everybody away shows nothing about single moments. */
function letsPlayersIn(reading: Reading): boolean {
  return reading.granted("AcceptPlayerSession").length > 0;
}

const comesBack: Rule = {
  id: "V23",
  name: "comes-back-after-lost-link",
  demand:
    "When the connection breaks without a close frame, the process connects again with the same process id.",
  lives: ["match"],
  judge(reading) {
    const cut = reading.step("cut-link");
    if (cut === undefined) return notReached(reading);
    const again = connectedAfter(reading, "cut-link");
    if (again !== undefined) return kept(`back after ${timeText(again.atMs - cut.atMs)}`);
    const end = reading.endedByItself;
    if (end?.kind === "exited") return broken(`it ended instead (${exitText(end)})`);
    return broken(`no connection within ${timeText(reading.terms.patienceMs)}`);
  },
};

const staysReady: Rule = {
  id: "V24",
  name: "stays-ready-after-lost-link",
  demand:
    "ActivateServerProcess is sent once in a process's life, not again over another connection.",
  lives: ["match"],
  judge(reading) {
    const [first, second] = reading.requests("ActivateServerProcess");
    if (first === undefined) return notReached(reading);
    if (second !== undefined)
      return broken(`sent again ${timeText(second.atMs - first.atMs)} after the first`);
    return connectedAfter(reading, "cut-link") === undefined
      ? notReached(reading)
      : kept("sent once over all connections");
  },
};

const keepsGameSession: Rule = {
  id: "V25",
  name: "keeps-game-session-over-lost-link",
  demand:
    "A lost connection to the service ends no game session: its players stay, and another is let in after it.",
  lives: ["match"],
  judge(reading) {
    const cut = reading.step("cut-link");
    if (cut === undefined || connectedAfter(reading, "cut-link") === undefined)
      return notReached(reading);
    const next = reading.stepAfter(cut);
    const end = reading.endedByItself;
    if (end !== undefined && reading.isBetween(end, cut, next))
      return broken(end.kind === "exited" ? `it ended (${exitText(end)})` : "it said goodbye");
    const isLost = reading
      .clients("stays", "twin")
      .some(({ gone }) => gone !== undefined && reading.isBetween(gone, cut, next));
    if (isLost) return broken("a player who was there lost the connection");
    const [newcomer] = reading.clients("after-link");
    if (newcomer === undefined || !letsPlayersIn(reading))
      return kept("the process lives; players were not checked");
    const why = whyNotIn(reading, newcomer);
    return why === undefined
      ? kept("players stay, another was let in")
      : broken(`a newcomer: ${why}`);
  },
};

const repeatsIdempotencyToken: Rule = {
  id: "V26",
  name: "repeats-idempotency-token",
  demand:
    "A connection that comes back repeats its IdempotencyToken; one that RefreshConnection asked for has another.",
  lives: ["match"],
  judge(reading) {
    const back = connectedAfter(reading, "cut-link");
    if (back === undefined) return notReached(reading);
    const isSame = (each: EntryOf<"connected"> | undefined) =>
      each && connectedBefore(reading, each)?.idempotencyToken === each.idempotencyToken;
    if (!isSame(back)) return warning("the connection that came back had another one");
    return isSame(connectedAfter(reading, "refresh-connection"))
      ? warning("the connection after RefreshConnection had the same one")
      : kept("as the official SDKs do");
  },
};

const followsRefresh: Rule = {
  id: "V27",
  name: "follows-refresh",
  demand:
    "At RefreshConnection the process connects to the endpoint that it names, with the token that it names.",
  lives: ["match"],
  judge(reading) {
    const asked = reading.step("refresh-connection");
    if (asked === undefined) return notReached(reading);
    const fresh = connectedAfter(reading, "refresh-connection");
    if (fresh === undefined) {
      const end = reading.endedByItself;
      return broken(
        end?.kind === "exited"
          ? `it ended instead (${exitText(end)})`
          : `no connection within ${timeText(reading.terms.patienceMs)}`,
      );
    }
    const before = connectedBefore(reading, fresh);
    return before?.authToken === fresh.authToken
      ? broken("it connected again with the old token")
      : kept(`connected with the fresh token after ${timeText(fresh.atMs - asked.atMs)}`);
  },
};

const closesOldConnection: Rule = {
  id: "V28",
  name: "closes-old-connection",
  demand: "After RefreshConnection the old connection is closed, once the other one is open.",
  lives: ["match"],
  judge(reading) {
    const fresh = connectedAfter(reading, "refresh-connection");
    const old = fresh && connectedBefore(reading, fresh);
    if (old === undefined || fresh === undefined) return notReached(reading);
    const closed = reading.first("disconnected", ({ connection }) => connection === old.connection);
    if (closed === undefined || closed.atMs > fresh.atMs + VERIFY_LIMITS.oldConnectionMs)
      return warning(
        `open ${timeText(VERIFY_LIMITS.oldConnectionMs)} later; so the C# SDK leaves it`,
      );
    return reading.isBefore(closed, fresh)
      ? warning("closed before the other one was open")
      : kept(`closed ${timeText(closed.atMs - fresh.atMs)} later`);
  },
};

const losesNoRequest = withClients(
  {
    id: "V29",
    name: "loses-no-request-in-refresh",
    demand: "What the process has to ask while its connection is refreshed reaches the service.",
  },
  (reading) => {
    const [client] = reading.clients("during-refresh");
    if (client === undefined) return notReached(reading);
    if (!letsPlayersIn(reading)) return notChecked("the server lets no player in at all");
    const why = whyNotIn(reading, client);
    return why === undefined
      ? kept("a player who came in that moment was let in")
      : broken(`a player who came in that moment: ${why}`);
  },
);

const staysAway: Rule = {
  id: "V30",
  name: "stays-away-when-dismissed",
  demand: "A process whose connection the service closes with 1001 does not come back, and ends.",
  lives: ["dismissed"],
  judge(reading) {
    const closed = reading.step("close-1001");
    if (closed === undefined) return notReached(reading);
    const isBack = [...reading.all("connected"), ...reading.all("connection-refused")].some(
      (each) => reading.isBefore(closed, each),
    );
    if (isBack) return warning("it tried to connect again");
    const killed = reading.step("kill");
    const exited = reading.exited;
    return killed === undefined && exited !== undefined
      ? kept(`it ended after ${timeText(exited.atMs - closed.atMs)} (${exitText(exited)})`)
      : warning(
          `it stays away, and still ran ${timeText((killed?.atMs ?? reading.endMs) - closed.atMs)} later`,
        );
  },
};

export const linkRules = [
  comesBack,
  staysReady,
  keepsGameSession,
  repeatsIdempotencyToken,
  followsRefresh,
  closesOldConnection,
  losesNoRequest,
  staysAway,
] as const;
