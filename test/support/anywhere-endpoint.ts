import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** What the endpoint does instead of answering a call. */
export type EndpointFault =
  | { readonly status: number; readonly name: string; readonly message?: string }
  /** Closes the connection. */
  | "cut"
  /** Never answers. */
  | "silent"
  /** Does what was asked, and closes the connection instead of saying so. */
  | "lost answer";

interface EndpointCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Of the signature: `KEY/20261122/eu-central-1/gamelift/aws4_request`. */
  readonly credential: string;
}

interface Compute {
  readonly [member: string]: unknown;
}

class Refusal extends Error {
  readonly status = 400;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ListCompute: ["FleetId"],
  RegisterCompute: ["FleetId", "ComputeName", "Location"],
  GetComputeAuthToken: ["FleetId", "ComputeName"],
  DeregisterCompute: ["FleetId", "ComputeName"],
};
const COMPUTE_NAME = /^[a-zA-Z0-9-]{1,128}(\/[a-zA-Z0-9-]+)?$/;

/** GameLift's side of a compute's life: AWS JSON 1.1 over HTTP on a loopback port, with one fleet in one location. */
export class AnywhereEndpoint implements AsyncDisposable {
  readonly fleetId = "fleet-11111111-2222-3333-4444-555555555555";
  readonly location = "custom-laptop";
  readonly calls: EndpointCall[] = [];
  readonly computes = new Map<string, Compute>();
  readonly tokens: string[] = [];
  tokenLifetimeMs = 900_000;
  /** Computes on one page of ListCompute. */
  pageSize = 10;
  sdkEndpoint = "wss://eu-central-1.api.amazongamelift.com";
  /** How far the service's clock is ahead of ours. */
  clockAheadMs = 0;
  readonly #faults = new Map<string, EndpointFault[]>();
  readonly #server = http.createServer((request, response) => {
    void this.#answer(request, response);
  });

  static async open(): Promise<AnywhereEndpoint> {
    const endpoint = new AnywhereEndpoint();
    endpoint.#server.listen(0, "127.0.0.1");
    await once(endpoint.#server, "listening");
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next calls of an operation meet these faults, one each. */
  fail(operation: string, ...faults: readonly EndpointFault[]): void {
    this.#faults.set(operation, [...(this.#faults.get(operation) ?? []), ...faults]);
  }

  operations(): string[] {
    return this.calls.map(({ operation }) => operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers["x-amz-target"]).replace("GameLift.", "");
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const authorization = request.headers.authorization ?? "";
    const credential = /^AWS4-HMAC-SHA256 Credential=([^,]+),/.exec(authorization)?.[1] ?? "";
    this.calls.push({ operation, input, credential });
    const fault = this.#faults.get(operation)?.shift();
    if (fault === "silent") return;
    if (fault === "cut") {
      request.socket.destroy();
      return;
    }
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.setHeader("date", new Date(Date.now() + this.clockAheadMs).toUTCString());
    try {
      if (fault !== undefined && fault !== "lost answer") throw fault;
      const isSigned = /\/gamelift\/aws4_request$/.test(credential);
      if (!isSigned) throw new Refusal("UnauthorizedException", "not signed for gamelift");
      const output = this.#do(operation, input);
      if (fault === "lost answer") request.socket.destroy();
      else response.end(JSON.stringify(output));
    } catch (error) {
      const { status, name, message = "" } = error as Exclude<EndpointFault, string>;
      response.writeHead(status, { "x-amzn-errortype": name });
      response.end(JSON.stringify({ __type: `com.amazonaws.gamelift#${name}`, Message: message }));
    }
  }

  #do(operation: string, input: Readonly<Record<string, unknown>>): object {
    const required = REQUIRED[operation];
    if (required === undefined) throw new Refusal("UnknownOperationException", operation);
    for (const member of required) {
      if (typeof input[member] !== "string") {
        throw new Refusal("InvalidRequestException", `${member} is missing`);
      }
    }
    if (input["FleetId"] !== this.fleetId) throw new Refusal("NotFoundException", "no such fleet");
    const name = String(input["ComputeName"] ?? "");
    switch (operation) {
      case "ListCompute":
        return this.#page(Number(input["NextToken"] ?? 0));
      case "RegisterCompute":
        return { Compute: this.#register(name, input) };
      case "GetComputeAuthToken":
        this.#mustHave(name);
        this.tokens.push(`token-${this.tokens.length + 1}-${crypto.randomUUID().slice(0, 8)}`);
        return {
          FleetId: this.fleetId,
          ComputeName: name,
          AuthToken: this.tokens.at(-1),
          ExpirationTimestamp: (Date.now() + this.clockAheadMs + this.tokenLifetimeMs) / 1000,
        };
      default:
        this.#mustHave(name);
        this.computes.delete(name);
        return {};
    }
  }

  #page(from: number): object {
    const all = [...this.computes.values()];
    const next = from + this.pageSize;
    return {
      ComputeList: all.slice(from, next),
      ...(next < all.length ? { NextToken: String(next) } : {}),
    };
  }

  #register(name: string, input: Readonly<Record<string, unknown>>): Compute {
    if (!COMPUTE_NAME.test(name)) throw new Refusal("InvalidRequestException", "ComputeName");
    if (input["Location"] !== this.location)
      throw new Refusal("InvalidRequestException", "Location");
    if (input["IpAddress"] === undefined && input["DnsName"] === undefined) {
      throw new Refusal("InvalidRequestException", "IpAddress or DnsName is required");
    }
    if (this.computes.has(name)) throw new Refusal("ConflictException", `${name} is registered`);
    const compute = {
      ...input,
      ComputeStatus: "Active",
      CreationTime: Date.now() / 1000,
      GameLiftServiceSdkEndpoint: this.sdkEndpoint,
    };
    this.computes.set(name, compute);
    return compute;
  }

  #mustHave(name: string): void {
    if (!this.computes.has(name)) throw new Refusal("NotFoundException", `no compute ${name}`);
  }
}
