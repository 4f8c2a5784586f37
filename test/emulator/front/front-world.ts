/**
 * A front with parts behind it that keep what reaches them, and raw requests over real sockets: what a test writes is
 * what the port reads.
 * @module
 */
import type { IncomingMessage } from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { Front, type FrontOptions } from "../../../emulator/front/front.ts";
import type { HttpAnswer, HttpRequest } from "../../../emulator/front/http-exchange.ts";
import type { FrontHandlers } from "../../../emulator/front/routes.ts";

export const AWS_HEADERS = [
  "Content-Type: application/x-amz-json-1.1",
  "X-Amz-Target: GameLift.ListFleets",
];
export const JSON_HEADERS = ["Content-Type: application/json"];
export const UPGRADE_HEADERS = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  /** Whole lines; `undefined` stands for the right Host. */
  readonly host?: string | undefined;
  readonly headers?: readonly string[];
  readonly body?: string;
}

export interface Told {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class FrontWorld implements AsyncDisposable {
  /** What each part was asked, oldest first. */
  readonly reached: { readonly part: keyof FrontHandlers; readonly request: HttpRequest }[] = [];
  readonly upgrades: { readonly request: IncomingMessage; readonly socket: Duplex }[] = [];
  readonly faults: unknown[] = [];
  /** What every part answers. */
  answer: () => HttpAnswer | Promise<HttpAnswer> = () => ({ status: 200, body: "{}" });
  onUpgrade: (socket: Duplex) => void = (socket) =>
    socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  front!: Front;

  static async open(over: Partial<FrontOptions> = {}): Promise<FrontWorld> {
    const world = new FrontWorld();
    const part = (name: keyof FrontHandlers) => (request: HttpRequest) => {
      world.reached.push({ part: name, request });
      return world.answer();
    };
    world.front = await Front.open({
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      allowHosts: [],
      handlers: {
        api: part("api"),
        logs: part("logs"),
        uploads: async ({ body, ...head }) =>
          part("uploads")({ ...head, body: await buffer(body) }),
        control: part("control"),
        console: part("console"),
      },
      upgrade: (request, socket) => {
        world.upgrades.push({ request, socket });
        world.onUpgrade(socket);
      },
      uuid: () => "00000000-0000-4000-8000-000000000001",
      onFault: (fault) => world.faults.push(fault),
      ...over,
    });
    return world;
  }

  get port(): number {
    return Number(new URL(this.front.url).port);
  }

  get ownHost(): string {
    return `127.0.0.1:${this.port}`;
  }

  connect(): net.Socket {
    const socket = net.connect(this.port, "127.0.0.1");
    // What matters of a broken connection is that it is closed.
    socket.on("error", () => {});
    return socket;
  }

  async ask(ask: Ask = {}): Promise<Told> {
    const socket = this.connect();
    socket.write(this.bytes(ask), "latin1");
    return told(await text(socket).catch(() => ""));
  }

  /** A request that ends its connection. */
  bytes({ method = "GET", path = "/console", host, headers = [], body = "" }: Ask): string {
    const lines = [
      `${method} ${path} HTTP/1.1`,
      ...(host === undefined ? [`Host: ${this.ownHost}`] : host === "" ? [] : [host]),
      ...headers,
      ...(body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
      ...(headers.some((line) => line.startsWith("Connection:")) ? [] : ["Connection: close"]),
    ];
    return `${lines.join("\r\n")}\r\n\r\n${body}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.close();
  }
}

/** Status 0 where nothing came. */
export function told(text: string): Told {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 2),
  ]);
  return {
    status: Number(status.split(" ")[1] ?? 0),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: rest.join("\r\n\r\n"),
  };
}
