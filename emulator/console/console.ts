/**
 * The console: a page that shows what the emulator does, and buttons for what may happen to it. The page reads the state
 * and the happenings from the control routes; whatever changes anything goes through here, with the token of the page.
 * @module
 */
import type { HttpAnswer, HttpHandler, HttpRequest } from "../front/http-exchange.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { Outcome } from "../plane/outcome.ts";
import { AdminPorts } from "./admin-ports.ts";
import { LiveRelays } from "./live-relays.ts";
import { ORDERS } from "./orders.ts";
import { readPage } from "./page-files.ts";
import { bearsToken } from "./page-token.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const HEADERS = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
};

type FaultOutcome = Outcome<readonly object[]> | { readonly mistakes: readonly string[] };

export interface ConsoleOptions {
  readonly plane: ControlPlane;
  /** Secret of this run; letters, digits, `-` and `_`. Whoever has it may do what the page's buttons do. */
  readonly token: string;
  /** Of this run, no secret: a page of an earlier one loads itself again. */
  readonly runId: string;
  /** Where servers of this machine may answer how they are. */
  readonly adminPorts: readonly number[];
  /** Carries out a fault, as a step of a scenario names it. */
  readonly orderFault: (order: unknown) => FaultOutcome;
}

interface Console {
  readonly options: ConsoleOptions;
  readonly files: Awaited<ReturnType<typeof readPage>>;
  readonly admin: AdminPorts;
  readonly live: LiveRelays;
}

/** Reads the page's files and answers under `/console`. */
export async function openConsole(options: ConsoleOptions): Promise<HttpHandler> {
  const { plane, token, runId, adminPorts: ports } = options;
  const files = await readPage({ token, runId });
  const admin = new AdminPorts({
    ports,
    clock: plane.clock,
    processes: () => plane.processes.list(),
  });
  const live = new LiveRelays({ admin, clock: plane.clock, happenings: plane.happenings });
  return (request) => answer(request, { options, files, admin, live });
}

function answer(request: HttpRequest, here: Console): HttpAnswer | Promise<HttpAnswer> {
  if (request.method === "POST") return carryOut(request, here);
  if (request.path === "/console/servers") return servers(here);
  if (request.path === "/console/live") return liveView(request, here);
  const file = here.files.get(request.path);
  if (file === undefined)
    return json(404, { error: "there is nothing here; the page is /console" });
  return {
    status: 200,
    headers: { ...HEADERS, "Content-Type": file.contentType },
    body: file.body,
  };
}

async function servers({ options, admin }: Console): Promise<HttpAnswer> {
  return json(200, { runId: options.runId, servers: await admin.read() });
}

/** What one server's admin port streams of itself. Whoever asks brings that server's token, if it has one. */
async function liveView({ query, headers }: HttpRequest, { live }: Console): Promise<HttpAnswer> {
  const process = {
    fleetId: query.get("fleet") ?? "",
    computeName: query.get("compute") ?? "",
    processId: query.get("process") ?? "",
  };
  const opened = await live.open(process, headers.authorization);
  if ("error" in opened) return json(opened.status, { error: opened.error });
  return {
    status: 200,
    headers: { ...HEADERS, "Content-Type": "text/event-stream" },
    body: opened.stream,
  };
}

function carryOut(request: HttpRequest, { options }: Console): HttpAnswer {
  const { plane, token, orderFault } = options;
  if (!bearsToken(request, token)) {
    return json(403, { error: "this is not the page of this emulator; load it again" });
  }
  const given = jsonObject(request.body);
  if (given === undefined) return json(400, { error: "the body must be a JSON object" });
  const name = request.path.replace(/^\/console\//, "");
  if (name === "faults") return told(orderFault(given));
  const order = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
  if (order === undefined) return json(404, { error: "there is no such order" });
  return told(order(given, plane));
}

function jsonObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function told(outcome: Outcome<object> | { readonly mistakes: readonly string[] }): HttpAnswer {
  if ("mistakes" in outcome) return json(400, { error: outcome.mistakes.join("; ") });
  if ("value" in outcome) return json(200, { done: outcome.value });
  const status = outcome.refusal === "InvalidRequest" ? 400 : 409;
  return json(status, { error: outcome.message });
}

function json(status: number, value: object): HttpAnswer {
  return {
    status,
    headers: { ...HEADERS, "Content-Type": "application/json" },
    body: `${JSON.stringify(value)}\n`,
  };
}
