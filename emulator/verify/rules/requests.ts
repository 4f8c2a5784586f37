import { DOCUMENTED_RATES, type Rate } from "../../server-sdk/rules/rates.ts";
import type { Reading, RequestEntry } from "../reading.ts";
import { broken, kept, notChecked, notReached, type Rule, warning } from "../rule.ts";

const speaksTheProtocol: Rule = {
  id: "V31",
  name: "speaks-the-protocol",
  demand:
    "Every frame is a text with one JSON object: Action, RequestId and the documented members, each of its type.",
  lives: ["match"],
  judge(reading) {
    const requests = reading.requests();
    const [badFrame] = reading.all("bad-frame");
    if (badFrame !== undefined) return broken(`a frame that is ${badFrame.why}`);
    if (requests.length === 0) return notReached(reading);
    const wrong = requests.filter(({ problems }) => problems.length > 0);
    const refused = wrong.find(({ statusCode }) => statusCode !== 200);
    if (refused !== undefined) return broken(problemText(refused));
    const [odd] = wrong;
    return odd === undefined ? kept(`${requests.length} requests`) : warning(problemText(odd));
  },
};

function problemText({ action, problems }: RequestEntry): string {
  return `${action === "" ? "a frame" : action}: ${problems.join("; ")}`;
}

/** The service's own; InitSDK is no request. */
const RATES: Readonly<Record<string, Rate>> = DOCUMENTED_RATES;

const keepsToRates: Rule = {
  id: "V32",
  name: "keeps-to-rate-limits",
  demand:
    "One process keeps to the service's rates: 10 DescribePlayerSessions at once and 5 a second, 3 and 1 of most others.",
  lives: ["match"],
  judge(reading) {
    const requests = reading.requests();
    if (requests.length === 0) return notReached(reading);
    const throttled = requests.find(({ statusCode }) => statusCode === 429);
    const over = throttled ?? firstOver(reading);
    if (over === undefined) return kept(`${requests.length} requests`);
    const { burst = 0, perSecond = 0 } = RATES[over.action] ?? {};
    return broken(`more than ${burst} ${over.action} at once and ${perSecond} a second`);
  },
};

/** The first request that finds its token bucket empty. */
function firstOver(reading: Reading): RequestEntry | undefined {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return reading.requests().find((request) => {
    const rate = RATES[request.action];
    if (rate === undefined) return false;
    const { burst, perSecond } = rate;
    const who = request.action.includes("PlayerSession") ? request.members["PlayerSessionId"] : "";
    const key =
      request.action === "DescribePlayerSessions" ? request.action : `${request.action} ${who}`;
    const { tokens, atMs } = buckets.get(key) ?? { tokens: burst, atMs: request.atMs };
    const filled = Math.min(burst, tokens + ((request.atMs - atMs) * perSecond) / 1_000);
    buckets.set(key, { tokens: Math.max(0, filled - 1), atMs: request.atMs });
    return filled < 1;
  });
}

const asksBackfillProperly: Rule = {
  id: "V33",
  name: "asks-backfill-properly",
  demand:
    "StartMatchBackfill names the game session's ARN, a matchmaking configuration and every player once, with typed attributes.",
  lives: ["match"],
  judge(reading) {
    const starts = reading.requests("StartMatchBackfill");
    if (starts.length === 0) return notChecked("the server asked for no backfill");
    const bad = starts.map(backfillFault).find((fault) => fault !== undefined);
    return bad === undefined ? kept(`${starts.length} tickets`) : broken(bad);
  },
};

function backfillFault({ members, problems, statusCode }: RequestEntry): string | undefined {
  if (problems.length > 0) return problems.join("; ");
  const players: readonly unknown[] = Array.isArray(members["Players"]) ? members["Players"] : [];
  if (players.length === 0) return "Players is empty";
  const ids = players.map((player) => (player as { PlayerId?: unknown } | null)?.PlayerId);
  if (new Set(ids).size < ids.length) return "a player is named twice";
  return statusCode === 200 ? undefined : `the service answered ${statusCode ?? "nothing"}`;
}

const keepsSecrets: Rule = {
  id: "V34",
  name: "keeps-secrets-out-of-its-output",
  demand:
    "Neither the auth token nor a player session id is in what the server prints, which becomes its log.",
  lives: ["match"],
  judge(reading) {
    if (reading.first("connected") === undefined) return notReached(reading);
    const written = new Set(reading.all("secret-written").map(({ what }) => what));
    return written.size === 0
      ? kept("none of them")
      : warning(`it printed ${[...written].join(" and ")}`);
  },
};

export const requestRules = [
  speaksTheProtocol,
  keepsToRates,
  asksBackfillProperly,
  keepsSecrets,
] as const;
