/**
 * Who may ask at the admin port. A browser can be led here by a page from anywhere: it names that page in `Origin` or
 * `Sec-Fetch-Site`, and the name that it looked up in `Host`, which may be a hostile one that leads to 127.0.0.1 (DNS
 * rebinding).
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { AddressBlocks, plainAddress } from "../address-blocks.ts";
import { type Answer, refusal } from "./answer.ts";

const LOOPBACK = new AddressBlocks(["127.0.0.0/8", "::1"]);
/** A name that always means this machine; any port, for tunnels. */
const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

export interface CallersOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** `""` for none: then callers on this machine need none, and there are no others. */
  readonly token: string;
  /** Addresses and blocks that may connect beside this machine, when `host` is not loopback. */
  readonly peers: readonly string[];
  /** Whether a page of that origin may call. */
  readonly mayReach: (origin: string) => boolean;
}

/** Where a request was made: by a program or a page of this port, or by a page of an origin that may call. */
export type Caller =
  | { readonly origin: "own" }
  | { readonly origin: "other"; readonly web: string };

export class Callers {
  readonly #options: CallersOptions;
  readonly #peers: AddressBlocks;
  readonly #tokenDigest: Buffer;

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#peers = new AddressBlocks(isLoopbackHost(options.host) ? [] : options.peers);
    this.#tokenDigest = digest(options.token);
  }

  /** Whether a connection from there is kept. */
  mayConnect({ remoteAddress = "" }: Socket): boolean {
    return LOOPBACK.includes(remoteAddress) || this.#peers.includes(remoteAddress);
  }

  /** Who makes the request, or why it is refused whatever it asks for. */
  identify(request: IncomingMessage): Caller | Answer {
    const [host = "", ...more] = request.headersDistinct["host"] ?? [];
    if (more.length > 0 || !this.#isOwnName(host, request.socket)) {
      return refusal(
        403,
        "allowed is one Host header, with a loopback name or this port's address",
      );
    }
    const { origin } = request.headers;
    const isOwn = origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`;
    if (isOwn && isFromElsewhere(request)) {
      return refusal(403, "another web page may only link to this one");
    }
    if (!isOwn && !this.#options.mayReach(origin)) {
      return refusal(403, "this web origin is not allowed");
    }
    // Whoever is not on this machine: always, and even where no token was set.
    if (!LOOPBACK.includes(request.socket.remoteAddress ?? "") && !this.#bearsToken(request)) {
      return unauthorized(request);
    }
    return isOwn ? { origin: "own" } : { origin: "other", web: origin };
  }

  /** @returns Why the request may not have what only holders of the token may, if there is one. */
  tokenRefusal(request: IncomingMessage): Answer | undefined {
    if (this.#options.token === "" || this.#bearsToken(request)) return undefined;
    return unauthorized(request);
  }

  #isOwnName(host: string, { localAddress = "", localPort }: Socket): boolean {
    if (LOOPBACK_NAME.test(host)) return true;
    if (isLoopbackHost(this.#options.host)) return false;
    const own = plainAddress(localAddress) ?? "";
    return host.toLowerCase() === `${own.includes(":") ? `[${own}]` : own}:${localPort}`;
  }

  /** Takes the same time for every wrong token. */
  #bearsToken({ headers }: IncomingMessage): boolean {
    const given = /^Bearer ([\x21-\x7e]+)$/i.exec(headers.authorization ?? "")?.[1];
    // Nothing is never given: where no token is set, nobody bears it.
    if (given === undefined) return false;
    return timingSafeEqual(digest(given), this.#tokenDigest);
  }
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || LOOPBACK.includes(host);
}

/** A browser fetches for another page, which may bring no `Origin`: an image, a script, a frame. Following a link is fine. */
function isFromElsewhere({ headersDistinct, method }: IncomingMessage): boolean {
  const site = headersDistinct["sec-fetch-site"] ?? [];
  if (site.every((each) => each === "same-origin" || each === "none")) return false;
  const isLink =
    headersDistinct["sec-fetch-mode"]?.join() === "navigate" &&
    headersDistinct["sec-fetch-dest"]?.join() === "document";
  return !(isLink && method === "GET");
}

function unauthorized({ headers }: IncomingMessage): Answer {
  const error =
    headers.authorization === undefined
      ? "this needs the admin token, as Authorization: Bearer TOKEN"
      : "the token in Authorization is not this server's admin token";
  return refusal(401, error, { "WWW-Authenticate": "Bearer" });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
