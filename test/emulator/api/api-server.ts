import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { GameLiftClient, type GameLiftClientConfig } from "@aws-sdk/client-gamelift";
import type { Api } from "../../../emulator/api/api.ts";
import type { HttpRequest } from "../../../emulator/front/http-exchange.ts";

/** An {@link Api} behind a plain HTTP server on 127.0.0.1, with the requests that reached it. */
export class ApiServer implements AsyncDisposable {
  readonly requests: HttpRequest[] = [];
  readonly #clients: GameLiftClient[] = [];
  readonly #server = createServer((incoming, response) => {
    void buffer(incoming).then((body) => {
      const { pathname, searchParams } = new URL(incoming.url ?? "", "http://127.0.0.1");
      const { method = "", headers } = incoming;
      const request = { method, path: pathname, query: searchParams, headers, body };
      this.requests.push(request);
      const answer = this.#api.handle(request);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  readonly #api: Api;

  private constructor(api: Api) {
    this.#api = api;
  }

  static async open(api: Api): Promise<ApiServer> {
    const server = new ApiServer(api);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The unmodified SDK, which tries once. */
  client(config: Partial<GameLiftClientConfig> = {}): GameLiftClient {
    const client = new GameLiftClient({
      endpoint: this.url,
      region: "us-west-2",
      credentials: { accessKeyId: "AKIAEMULATOR", secretAccessKey: "not a secret" },
      maxAttempts: 1,
      ...config,
    });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
