import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { AdminServer, type AdminServerOptions } from "../../../server/admin/admin-server.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** The page of another origin that may call. */
export const PAGE = "http://127.0.0.1:8080";
export const TOKEN = "a-token-of-16-or-more";
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  host?: string;
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An admin server on a real port, whose time stands until a test moves it. */
export class AdminWorld implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly admin: AdminServer;
  /** How often a picture, and metrics, were made. */
  pictures = 0;
  scrapes = 0;
  port = 0;
  readonly #cleanUp: (() => unknown)[] = [];

  private constructor(over: Partial<AdminServerOptions>) {
    this.admin = new AdminServer({
      health: () => ({ isHealthy: true, phase: "active" }),
      nextPlayerSession: () => "psess-1",
      mayReach: (origin) => origin === PAGE,
      metrics: {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        text: async () => `scrapes ${++this.scrapes}\n`,
      },
      live: () => ({ version: 1, picture: ++this.pictures }),
      clock: this.clock,
      ...over,
    });
  }

  static async open(over: Partial<AdminServerOptions> = {}): Promise<AdminWorld> {
    const world = new AdminWorld(over);
    world.port = await world.admin.listen([0]);
    return world;
  }

  /** Not fetch: that sets Host itself. */
  async ask(path: string, { body, ...how }: Ask = {}): Promise<Answer> {
    const response = await this.begin(path, how, body);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: await text(response),
    };
  }

  /** Resolves when the head of the answer is here; the rest is the caller's to read. */
  begin(
    path: string,
    { method = "GET", headers = {}, host = "127.0.0.1" }: Ask = {},
    body = "",
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { host, port: this.port, path, method, headers, agent: false };
      const request = httpRequest(options, resolve);
      request.on("error", reject);
      this.#cleanUp.push(() => request.destroy());
      request.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const clean of this.#cleanUp) clean();
    await this.admin.close();
  }
}

/** Reads server-sent events one by one. */
export class EventReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #text = "";

  constructor(response: IncomingMessage) {
    this.#pieces = response[Symbol.asyncIterator]();
  }

  /** @returns `undefined` when the stream has ended. */
  async next(): Promise<unknown> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const event = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (event.startsWith("data: ")) return JSON.parse(event.slice("data: ".length));
        continue;
      }
      const { done, value } = await this.#pieces.next();
      if (done) return undefined;
      this.#text += value.toString("utf8");
    }
  }
}
