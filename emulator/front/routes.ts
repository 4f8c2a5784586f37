/**
 * Which part of the emulator answers a request, and what the request must look like for that.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { HttpAnswer, HttpHandler, StreamHandler } from "./http-exchange.ts";
import { AWS_JSON, awsRefusal, refusal } from "./refusals.ts";

/** The parts behind the port. */
export interface FrontHandlers {
  /**
   * `POST /`: the AWS API, awsJson1.1. Also `POST /service/GameLift/operation/…` of CBOR: the other protocol that AWS SDKs
   * may choose, so that it is refused in its own form.
   */
  readonly api: HttpHandler;
  /** `GET /logs/<token>`. */
  readonly logs: HttpHandler;
  /** `PUT /fleetroom-builds/…`: the zips of builds, as S3 takes them in path style. */
  readonly uploads: StreamHandler;
  /** `/_fleetroom/…`: GET, and POST of JSON. */
  readonly control: HttpHandler;
  /** `/console` and `/console/…`: GET, and POST of JSON. */
  readonly console: HttpHandler;
}

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headersDistinct"];
  /** A body is announced. */
  readonly hasBody: boolean;
}

/** Whoever answers, or the answer that is due at once. */
export type Way =
  | { readonly handler: HttpHandler }
  /** Its body is not read for it. */
  | { readonly streamed: StreamHandler }
  | { readonly answer: HttpAnswer };

/** @param name - What AWS clients see as the exception's name. */
export type Refuse = (status: number, name: string, message: string) => HttpAnswer;

const ROUTES =
  "there are POST / (AWS API), /console, /_fleetroom/, /logs/ and PUT /fleetroom-builds/";

/** @param requestId - For AWS clients. */
export function wayOf(head: RequestHead, handlers: FrontHandlers, requestId: string): Way {
  const { method, path, headers } = head;
  if (path === "/" && isReading(method)) {
    return { answer: { status: 302, headers: { Location: "/console" } } };
  }
  if (path === "/" || isIn(path, "/service")) {
    const mistake = apiMistake(method, path, headers);
    return mistake ? { answer: awsRefusal(...mistake, requestId) } : { handler: handlers.api };
  }
  if (isIn(path, "/logs")) return plainWay(head, ["GET"], handlers.logs);
  if (isIn(path, "/fleetroom-builds")) {
    return method === "PUT" ? { streamed: handlers.uploads } : notAllowed(["PUT"]);
  }
  if (isIn(path, "/_fleetroom")) return plainWay(head, ["GET", "POST"], handlers.control);
  if (isIn(path, "/console")) return plainWay(head, ["GET", "POST"], handlers.console);
  return { answer: refusal(404, `there is nothing here; ${ROUTES}`) };
}

/** Refuses in the form that the route's clients read, whatever the request looks like otherwise. */
export function refuseIn(path: string, requestId: string): Refuse {
  return path === "/" || isIn(path, "/service")
    ? (...words) => awsRefusal(...words, requestId)
    : (status, _name, message) => refusal(status, message);
}

/** @returns Why nothing is looked up under this path, in words. */
export function pathMistake(path: string, charactersMax: number): string | undefined {
  if (path.length > charactersMax)
    return `allowed are paths of at most ${charactersMax} characters`;
  const isPlain = /^\/[^\\#]*$/.test(path) && !path.includes("//");
  if (isPlain && path.split("/").every(isPlainSegment)) return undefined;
  return "allowed are paths without //, \\, dot segments and control characters";
}

function isPlainSegment(segment: string): boolean {
  try {
    const decoded = decodeURIComponent(segment);
    return decoded !== "." && decoded !== ".." && !/\p{Cc}/u.test(decoded);
  } catch {
    return false;
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** The AWS API: a browser sends neither this content type nor this header to another origin unasked. */
function apiMistake(
  method: string,
  path: string,
  headers: RequestHead["headers"],
): Parameters<Refuse> | undefined {
  if (method !== "POST") {
    return [405, "MethodNotAllowedException", "The AWS API takes POST; GET leads to /console."];
  }
  const contentType = headers["content-type"]?.join();
  if (path !== "/" && contentType === "application/cbor") return undefined;
  if (path !== "/" || contentType !== AWS_JSON) {
    const words = `This emulator speaks AWS JSON 1.1: POST / with the content type ${AWS_JSON}.`;
    return [415, "UnsupportedMediaTypeException", words];
  }
  if (headers["x-amz-target"]?.length !== 1 || headers["x-amz-target"][0] === "") {
    const words = "One X-Amz-Target header must name the operation, such as GameLift.ListFleets.";
    return [400, "UnknownOperationException", words];
  }
  return undefined;
}

function notAllowed(methods: readonly string[]): Way {
  const allow = methods.join(", ");
  const answer = refusal(405, `allowed is ${allow}`);
  return { answer: { ...answer, headers: { ...answer.headers, Allow: allow } } };
}

/** Reading, or posting JSON: no page of another origin can send that content type unasked. */
function plainWay(
  { method, headers, hasBody }: RequestHead,
  methods: readonly ("GET" | "POST")[],
  handler: HttpHandler,
): Way {
  if (!methods.some((each) => each === (method === "HEAD" ? "GET" : method))) {
    return notAllowed(methods);
  }
  if (isReading(method)) {
    return hasBody ? { answer: refusal(400, "a GET has no body here") } : { handler };
  }
  if (headers["content-type"]?.join() === "application/json") return { handler };
  return { answer: refusal(415, "the content type must be application/json") };
}
