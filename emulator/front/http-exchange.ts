/**
 * One HTTP exchange as the parts of the emulator see it: a request that was read whole, and what to answer.
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";

/** It passed the guard of its route: host, origin, method, content type and size are as they must be. */
export interface HttpRequest {
  readonly method: string;
  /** As it stands in the request line, percent-encoding and all, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Whole; bounded by the front. Empty for GET. */
  readonly body: Buffer;
}

/** One whose body may be too large to be held: whoever handles it reads and bounds that. */
export type StreamedRequest = Omit<HttpRequest, "body"> & { readonly body: Readable };

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is piped, and destroyed when the client goes away. */
  readonly body?: string | Buffer | Readable;
}

/** May throw or reject: the client then gets a 500 that tells nothing. */
export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
export type StreamHandler = (request: StreamedRequest) => Promise<HttpAnswer>;
