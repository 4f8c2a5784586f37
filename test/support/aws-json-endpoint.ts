/**
 * Amazon GameLift's API as its clients see it: AWS JSON 1.1 over a real HTTP server on 127.0.0.1. Each answer is what the
 * test says; signatures are not checked, but every request is kept with the name of the key that signed it.
 * @module
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

export interface ApiRequest {
  /** Such as `DescribePlayerSessions`; `""` if the request names none of GameLift. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Of the signature. */
  readonly accessKeyId: string;
  readonly headers: IncomingHttpHeaders;
}

/** @param at - How many requests there were before this one. */
export type ApiAnswer = (response: ServerResponse, request: ApiRequest, at: number) => void;

const CONTENT_TYPE = "application/x-amz-json-1.1";

export class AwsJsonEndpoint implements AsyncDisposable {
  readonly requests: ApiRequest[] = [];
  /** Connections that were made so far. */
  connections = 0;
  readonly #open = new Set<Socket>();
  readonly #server = createServer((incoming, response) => {
    void text(incoming).then(
      (body) => {
        const request = parse(incoming.headers, body);
        this.requests.push(request);
        this.answer(response, request, this.requests.length - 1);
      },
      () => {}, // The client went away while it asked.
    );
  });

  private constructor(answer: ApiAnswer) {
    this.answer = answer;
    this.#server.on("connection", (socket) => {
      this.connections++;
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  /** What it answers from now on. */
  answer: ApiAnswer;

  static async open(answer: ApiAnswer): Promise<AwsJsonEndpoint> {
    const endpoint = new AwsJsonEndpoint(answer);
    await new Promise<void>((resolve) => endpoint.#server.listen(0, "127.0.0.1", resolve));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.#open.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function parse(headers: IncomingHttpHeaders, body: string): ApiRequest {
  const target = String(headers["x-amz-target"] ?? "");
  const isJson = headers["content-type"] === CONTENT_TYPE;
  return {
    operation: isJson && target.startsWith("GameLift.") ? target.slice("GameLift.".length) : "",
    input: JSON.parse(body) as Record<string, unknown>,
    accessKeyId: /Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "",
    headers,
  };
}

/** An output. */
export function say(response: ServerResponse, output: unknown): void {
  sayText(response, 200, JSON.stringify(output));
}

/** An error by its name, as the service words it. */
export function refuse(
  response: ServerResponse,
  name: string,
  { status = 400, message = "because" }: { status?: number; message?: string } = {},
): void {
  response.setHeader("x-amzn-errortype", name);
  sayText(
    response,
    status,
    JSON.stringify({ __type: `com.amazonaws.gamelift#${name}`, Message: message }),
  );
}

/** Any text at all under the service's headers. */
export function sayText(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": CONTENT_TYPE, "x-amzn-requestid": randomUUID() });
  response.end(body);
}

/** The player sessions of game sessions, in pages as asked for; NotFoundException for what there is none of. */
export function describing(records: readonly Readonly<Record<string, unknown>>[]): ApiAnswer {
  return (response, { operation, input }) => {
    if (operation !== "DescribePlayerSessions")
      return refuse(response, "UnknownOperationException");
    const { GameSessionId, PlayerSessionId, PlayerSessionStatusFilter, Limit, NextToken } = input;
    const found = records.filter((record) =>
      PlayerSessionId === undefined
        ? record["GameSessionId"] === GameSessionId &&
          (PlayerSessionStatusFilter === undefined ||
            record["Status"] === PlayerSessionStatusFilter)
        : record["PlayerSessionId"] === PlayerSessionId,
    );
    if (found.length === 0 && PlayerSessionId !== undefined) {
      return refuse(response, "NotFoundException", { message: `No ${PlayerSessionId}` });
    }
    const from = NextToken === undefined ? 0 : Number(NextToken);
    const to = from + (typeof Limit === "number" ? Limit : 20);
    const hasMore = to < found.length;
    say(response, {
      PlayerSessions: found.slice(from, to),
      ...(hasMore && { NextToken: String(to) }),
    });
  };
}
