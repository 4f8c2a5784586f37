import type { IncomingMessage, ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What every answer has unless it says otherwise. */
export const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  Vary: "Origin",
};

export function json(status: number, value: object): Answer {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

/** @param error - What is wrong or allowed, in words that repeat nothing of the request. */
export function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { ...json(status, { error }), headers };
}

export function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body, headers = {} }: Answer,
): void {
  response.writeHead(status, {
    ...HEADERS,
    ...(body === "" ? {} : { "Content-Type": contentType }),
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(method === "HEAD" ? "" : body);
}
