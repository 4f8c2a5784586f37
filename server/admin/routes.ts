/**
 * What there is at the admin port, and what each route asks of its caller.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import { type Answer, json, refusal } from "./answer.ts";
import type { Caller, Callers } from "./callers.ts";
import { LiveReaders } from "./live-readers.ts";
import { isPageFile, pageFile } from "./page-files.ts";
import { RenewedText } from "./renewed-text.ts";

interface Health {
  readonly isHealthy: boolean;
  /** What else the answer shows, as it is. */
  readonly [part: string]: string | number | boolean;
}

export interface RoutesOptions {
  /** Answered from local knowledge, at once. */
  readonly health: () => Health;
  /** Hands out a free player session id, or `undefined`; the route exists with the local fleet only. */
  readonly nextPlayerSession?: (() => string | undefined) | undefined;
  /** What Prometheus reads; there is no such route without it. */
  readonly metrics?:
    | { readonly contentType: string; readonly text: () => Promise<string> }
    | undefined;
  /** A small picture of the server, as JSON; there is neither stream nor page without it. */
  readonly live?: (() => object) | undefined;
}

/** An answer, or the stream of pictures that the caller gets instead. */
export type Answered = Answer | LiveReaders;

interface Route {
  readonly methods: readonly string[];
  /** Callers on this machine need no token, even where one is set. */
  readonly isOpen?: boolean;
  /** A page of another origin that may join may call, too. */
  readonly isForOtherOrigins?: boolean;
  readonly handle: () => Answered | Promise<Answered>;
}

const READING = ["GET", "HEAD"];

export class Routes {
  readonly #callers: Callers;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #page: Route | undefined;

  constructor(options: RoutesOptions, callers: Callers, clock: Clock) {
    this.#callers = callers;
    this.#routes = new Map(routesOf(options, clock));
    this.#page = options.live && { methods: READING, isOpen: true, handle: () => NOTHING };
  }

  /** @throws What a handler throws. */
  answer(request: IncomingMessage, caller: Caller): Answered | Promise<Answered> {
    if (caller.origin === "other" && request.method === "OPTIONS") return PREFLIGHT;
    const path = request.url?.split("?")[0] ?? "";
    const route = this.#routeOf(path);
    if (route === undefined) return NOTHING;
    if (caller.origin === "other" && !route.isForOtherOrigins) {
      return refusal(403, "no page but this port's own may have that");
    }
    const denied = route.isOpen ? undefined : this.#callers.tokenRefusal(request);
    if (denied !== undefined) return denied;
    if (route.methods.includes(request.method ?? "")) return route.handle();
    const allow = route.methods.join(", ");
    return refusal(405, `allowed is ${allow}`, { Allow: allow });
  }

  #routeOf(path: string): Route | undefined {
    if (this.#page === undefined || !isPageFile(path)) return this.#routes.get(path);
    return { ...this.#page, handle: () => pageFile(path) };
  }
}

function routesOf(options: RoutesOptions, clock: Clock): [string, Route][] {
  const { nextPlayerSession: next, metrics, live } = options;
  const health: Route = {
    methods: READING,
    isOpen: true,
    isForOtherOrigins: true,
    handle: () => healthAnswer(options.health()),
  };
  const routes: [string, Route][] = [["/healthz", health]];
  if (next !== undefined) {
    const handle = () => playerSessionAnswer(next());
    routes.push([
      "/local/next-player-session",
      { methods: ["POST"], isForOtherOrigins: true, handle },
    ]);
  }
  if (metrics !== undefined) {
    const { contentType } = metrics;
    const text = new RenewedText(clock, metrics.text);
    const handle = async () => ({ status: 200, contentType, body: await text.read() });
    routes.push(["/metrics", { methods: READING, handle }]);
  }
  if (live !== undefined) {
    const readers = new LiveReaders(clock, live);
    routes.push(["/live", { methods: ["GET"], handle: () => readers }]);
  }
  return routes;
}

function healthAnswer({ isHealthy, ...parts }: Health): Answer {
  return json(isHealthy ? 200 : 503, { ...parts, status: isHealthy ? "ok" : "unhealthy" });
}

function playerSessionAnswer(playerSessionId: string | undefined): Answer {
  if (playerSessionId !== undefined) return json(200, { playerSessionId });
  return refusal(409, "no player session is free now; try again when the next match starts");
}

const NOTHING = refusal(404, "there is nothing here");

const PREFLIGHT: Answer = {
  status: 204,
  contentType: "",
  body: "",
  headers: {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
  },
};
