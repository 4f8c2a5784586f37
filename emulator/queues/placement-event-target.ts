import { done, type Outcome, refused } from "../plane/outcome.ts";

/** One place that placement events go to, as it is written on the command line. */
export type PlacementEventTarget =
  | { readonly kind: "console" }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "http";
      readonly url: string;
      /** The event alone, without the envelope of SNS. */
      readonly isRaw: boolean;
    };

const FILE = "file:";
const RAW = "raw+";
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads `console`, `file:PATH`, or the URL of a subscriber on this machine; `raw+` before the URL asks for raw messages.
 * @returns A refusal that says what would be right. It does not repeat a URL, for there may be a secret in it.
 */
export function readPlacementEventTarget(text: string): Outcome<PlacementEventTarget> {
  if (text === "console") return done({ kind: "console" });
  if (text.startsWith(FILE)) {
    const path = text.slice(FILE.length);
    return path === ""
      ? wrong("file: needs a path, as in file:events.jsonl")
      : done({ kind: "file", path });
  }
  const isRaw = text.startsWith(RAW);
  const url = URL.parse(isRaw ? text.slice(RAW.length) : text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return wrong(
      "it must be console, file:PATH, http://… or https://…, with raw+ before it or not",
    );
  }
  if (!LOOPBACK.test(url.hostname)) {
    return wrong("a subscriber must be on this machine: 127.0.0.1, [::1] or localhost");
  }
  if (url.username !== "" || url.password !== "") {
    return wrong("a subscriber's URL must be without a user name and a password");
  }
  return done({ kind: "http", url: url.href, isRaw });
}

function wrong(text: string) {
  return refused("InvalidRequest", `Placement events: ${text}`);
}
