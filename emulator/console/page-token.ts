import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../front/http-exchange.ts";

/** What the page sends its token in. */
const TOKEN_HEADER = "x-console-token";

/** Whether a request was made by the page that was served; takes the same time for every wrong token. */
export function bearsToken({ headers }: HttpRequest, token: string): boolean {
  const given = headers[TOKEN_HEADER];
  return typeof given === "string" && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
