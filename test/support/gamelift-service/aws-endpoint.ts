import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type Clock, sleep, systemClock } from "../../../server/clock.ts";
import { Happenings } from "./happenings.ts";
import { Line } from "./line.ts";

type Members = Readonly<Record<string, unknown>>;

/** Answers one operation with its output, whose timestamps are epoch seconds, or throws an {@link AwsRefusal}. */
export type OperationHandler = (input: Members) => Members | Promise<Members>;

interface AwsRefusalShape {
  /** Such as `NotFoundException`. */
  readonly name: string;
  readonly message: string;
  /** HTTP; 400 for all but server faults. */
  readonly status: number;
}

/** An answer that is an error. */
export class AwsRefusal extends Error implements AwsRefusalShape {
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** A call as it reached the endpoint. */
interface AwsRequest {
  readonly operation: string;
  readonly input: Members;
  /** Out of the Authorization header; `""` when it is not signed. */
  readonly accessKeyId: string;
  /** X-Amz-Security-Token; `""` when there is none. */
  readonly sessionToken: string;
  readonly atMs: number;
  /** HTTP status of the answer that was decided upon, nothing while there is none. */
  readonly status: number | undefined;
}

interface Script extends AwsRefusalShape {
  timesLeft: number;
}

const BODY_CHARACTERS_MAX = 1024 * 1024;
const TARGET = /^GameLift\.([A-Za-z]+)$/;
const ACCESS_KEY = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\//;
const JSON_TYPE = "application/x-amz-json-1.1";

/** The AWS API of GameLift as far as its handlers go: AWS JSON 1.1 on a real HTTP server. Signatures are not judged. */
export class AwsJsonEndpoint implements AsyncDisposable {
  readonly requests: AwsRequest[] = [];
  readonly #handlers: Readonly<Record<string, OperationHandler>>;
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #happenings = new Happenings();
  readonly #http = createServer((request, response) => void this.#take(request, response));
  readonly #delays = new Map<string, number>();
  readonly #silenced = new Set<string>();
  readonly #scripts = new Map<string, Script>();
  readonly #closed = new AbortController();

  private constructor(handlers: Readonly<Record<string, OperationHandler>>, clock: Clock) {
    this.#handlers = handlers;
    this.#clock = clock;
    this.#line = new Line({
      clock,
      onChange: () => this.#happenings.changed(),
      onStream: (stream) => this.#http.emit("connection", stream),
    });
  }

  /** Listens on 127.0.0.1. @param options.clock - Of delays; the system's unless given. */
  static async open(
    handlers: Readonly<Record<string, OperationHandler>>,
    options: { clock?: Clock } = {},
  ): Promise<AwsJsonEndpoint> {
    const endpoint = new AwsJsonEndpoint(handlers, options.clock ?? systemClock);
    await endpoint.#line.listen();
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#line.port}`;
  }

  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  /** Bytes that a black hole took. */
  get lostByteCount(): number {
    return this.#line.lostByteCount;
  }

  /** Resolves when `isTrue`, which is asked at every call and connection. @throws Error after `timeoutMs` of real time. */
  until(isTrue: () => boolean, timeoutMs = 5_000): Promise<void> {
    return this.#happenings.until(isTrue, timeoutMs);
  }

  /** Answers an operation, or all (`*`), that much later; 0 disables. */
  delay(delayMs: number, operation = "*"): void {
    this.#delays.set(operation, delayMs);
  }

  /** Reads calls, does nothing and never answers. */
  silence(isOn: boolean, operation = "*"): void {
    if (isOn) this.#silenced.add(operation);
    else this.#silenced.delete(operation);
  }

  /** Answers calls with an error, without effect. @param times - How many; all when it is left out. */
  answerWith(
    operation: string,
    how: AwsRefusalShape | "off",
    times = Number.POSITIVE_INFINITY,
  ): void {
    if (how === "off") this.#scripts.delete(operation);
    else this.#scripts.set(operation, { ...how, timesLeft: times });
  }

  /** Whether the network swallows everything; connections that lost a byte in it stay dead. */
  blackHole(isOn: boolean): void {
    this.#line.isBlackHole = isOn;
  }

  /** Refuses new connections at TCP, or takes them again; open ones stay. */
  async refuse(how: "connection" | "off"): Promise<void> {
    if (how === "connection") this.#line.stopListening();
    else await this.#line.listen();
  }

  /** Ends every open connection by a TCP RST. */
  cut(): void {
    for (const stream of this.#line.streams) stream.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#line.close();
    this.#http.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => undefined);
    // The caller left before it had said all.
    if (body === undefined) return;
    const operation = operationOf(request);
    const input = body.length <= BODY_CHARACTERS_MAX ? parsed(body) : undefined;
    const isSilent = this.#silenced.has("*") || this.#silenced.has(operation);
    const answer = isSilent ? undefined : await this.#decided(operation, input);
    this.requests.push({
      operation,
      input: input ?? {},
      accessKeyId: ACCESS_KEY.exec(request.headers.authorization ?? "")?.[1] ?? "",
      sessionToken: String(request.headers["x-amz-security-token"] ?? ""),
      atMs: this.#clock.nowMs(),
      status: answer instanceof AwsRefusal ? answer.status : answer && 200,
    });
    this.#happenings.changed();
    if (answer === undefined) return;
    const delayMs = this.#delays.get(operation) ?? this.#delays.get("*") ?? 0;
    if (delayMs > 0) await sleep(this.#clock, delayMs, this.#closed.signal);
    send(response, answer);
  }

  async #decided(operation: string, input: Members | undefined): Promise<Members | AwsRefusal> {
    const scripted = this.#scripted(operation) ?? this.#scripted("*");
    if (scripted !== undefined) return scripted;
    const handler = Object.hasOwn(this.#handlers, operation)
      ? this.#handlers[operation]
      : undefined;
    if (handler === undefined) return new AwsRefusal("UnknownOperationException", "");
    if (input === undefined) return new AwsRefusal("SerializationException", "no JSON object");
    try {
      return await handler(input);
    } catch (error) {
      if (error instanceof AwsRefusal) return error;
      return new AwsRefusal("InternalServiceException", String(error), 500);
    }
  }

  #scripted(operation: string): AwsRefusal | undefined {
    const script = this.#scripts.get(operation);
    if (script === undefined || script.timesLeft <= 0) return undefined;
    script.timesLeft--;
    return new AwsRefusal(script.name, script.message, script.status);
  }
}

/** `""` for what is no call in AWS JSON 1.1. */
function operationOf({ method, url, headers }: IncomingMessage): string {
  const isCall = method === "POST" && url === "/" && headers["content-type"] === JSON_TYPE;
  return (isCall && TARGET.exec(String(headers["x-amz-target"]))?.[1]) || "";
}

function send(response: ServerResponse, answer: Members | AwsRefusal): void {
  response.setHeader("content-type", JSON_TYPE);
  response.setHeader("x-amzn-requestid", randomUUID());
  if (answer instanceof AwsRefusal) {
    response.statusCode = answer.status;
    response.setHeader("x-amzn-errortype", answer.name);
    const __type = `com.amazonaws.gamelift#${answer.name}`;
    response.end(JSON.stringify({ __type, Message: answer.message }));
  } else {
    response.end(JSON.stringify(answer));
  }
}

function parsed(body: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Members)
      : undefined;
  } catch {
    return undefined;
  }
}
