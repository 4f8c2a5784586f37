/**
 * The emulator's own HTTP routes, for scripts and for its console: what is there, what happens, and what goes wrong.
 *
 *     GET  /_fleetroom/state                       everything there is
 *     GET  /_fleetroom/happenings?since=N          what happened after happening N
 *     GET  /_fleetroom/happenings/stream?since=N   the same and what comes, as server-sent events
 *     GET  /_fleetroom/faults                      the faults there are, with their members
 *     POST /_fleetroom/faults                      {"fault": …} as a step of a scenario, at once
 *
 * @module
 */
import type { HttpAnswer, HttpHandler, HttpRequest } from "../front/http-exchange.ts";
import type { Happening } from "../plane/happenings.ts";
import type { RefusalKind } from "../plane/outcome.ts";
import { FAULT_KINDS } from "./fault-table.ts";
import type { Ordered } from "./faults.ts";
import type { HappeningStreams } from "./happening-stream.ts";
import { FAULT_LIMITS } from "./limits.ts";

export interface ControlSource {
  /** As JSON. */
  readonly state: () => object;
  readonly happeningsSince: (sequence: number) => readonly Happening[];
  readonly streams: HappeningStreams;
  readonly order: (order: unknown) => Ordered;
}

type Route = (request: HttpRequest, source: ControlSource) => HttpAnswer;

const PREFIX = "/_fleetroom";

const ROUTES: Readonly<Record<string, Route>> = {
  "GET /state": (_, { state }) => json(200, state()),
  "GET /happenings": happenings,
  "GET /happenings/stream": stream,
  "GET /faults": () => json(200, { faults: vocabulary() }),
  "POST /faults": orderFault,
};

/** Answers under `/_fleetroom/`. */
export function controlHandler(source: ControlSource): HttpHandler {
  return (request) => {
    const path = request.path.slice(PREFIX.length);
    const route = ROUTES[`${request.method} ${path}`];
    if (route !== undefined) return route(request, source);
    const known = Object.keys(ROUTES).map((each) => each.replace(" ", ` ${PREFIX}`));
    const isPath = Object.keys(ROUTES).some((each) => each.split(" ")[1] === path);
    const error = `there is no ${request.method} here; known are ${known.join(", ")}`;
    return json(isPath ? 405 : 404, { error });
  };
}

function happenings({ query }: HttpRequest, { happeningsSince }: ControlSource): HttpAnswer {
  const since = sinceOf(query.get("since") ?? "0");
  if (since === undefined) return wrongSince();
  const told = happeningsSince(since);
  return json(200, { happenings: told, last: told.at(-1)?.sequence ?? since });
}

function stream({ query, headers }: HttpRequest, { streams }: ControlSource): HttpAnswer {
  // A reader who lost the stream comes back with the last id; it counts more than where he began.
  const since = sinceOf(String(headers["last-event-id"] ?? query.get("since") ?? "0"));
  if (since === undefined) return wrongSince();
  const body = streams.open(since);
  if (body === undefined) {
    return json(429, { error: `${FAULT_LIMITS.streamsMax} streams are open; close one` });
  }
  return {
    status: 200,
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
    body,
  };
}

function sinceOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function wrongSince(): HttpAnswer {
  const error = "since must be the sequence number of a happening, 0 for all that are still known";
  return json(400, { error });
}

function orderFault({ body }: HttpRequest, { order }: ControlSource): HttpAnswer {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return json(400, { error: "the body is no JSON", mistakes: [] });
  }
  const ordered = order(value);
  if ("mistakes" in ordered) {
    const { mistakes } = ordered;
    return json(400, { error: `wrong members: ${mistakes.join("; ")}`, mistakes });
  }
  if ("value" in ordered) return json(200, { effects: ordered.value });
  return json(statusOf(ordered.refusal), { error: ordered.message, refusal: ordered.refusal });
}

/** HTTP statuses of refusals that are not a 409: what is there does not allow it. */
function statusOf(refusal: RefusalKind): number {
  if (refusal === "NotFound") return 404;
  return refusal === "LimitExceeded" ? 429 : 409;
}

function vocabulary(): object {
  return Object.fromEntries(
    Object.entries(FAULT_KINDS).map(([name, { about, rules }]) => {
      const members = Object.entries(rules).map(([member, { allowed, fallback }]) => [
        member,
        { allowed, isNeeded: fallback === undefined, default: fallback?.value },
      ]);
      return [name, { about, members: Object.fromEntries(members) }];
    }),
  );
}

function json(status: number, value: object): HttpAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
    body: `${JSON.stringify(value)}\n`,
  };
}
