/**
 * Who may talk to a program that starts programs: nobody from another web page. A browser names the page in `Origin` or
 * `Sec-Fetch-Site`, and the name that it looked up in `Host`; a hostile page can lead its own name to 127.0.0.1, and that
 * name then stands in `Host` (DNS rebinding).
 * @module
 */
import type { IncomingMessage } from "node:http";

const OWN_HOSTS = ["localhost", "127.0.0.1", "[::1]"];
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/;

export class Guard {
  readonly #scheme: "http" | "https";
  readonly #hosts: ReadonlySet<string>;

  /** @param allowHosts - Names beside those of this machine, without a port. */
  constructor(scheme: "http" | "https", allowHosts: readonly string[]) {
    this.#scheme = scheme;
    this.#hosts = new Set([...OWN_HOSTS, ...allowHosts.map((host) => host.toLowerCase())]);
  }

  /** @returns Why the request is refused, in words that repeat nothing of it; `undefined` when it may come in. */
  refusal(request: IncomingMessage): string | undefined {
    const host = this.#hostOf(request);
    if (host === undefined) {
      const known = [...this.#hosts].join(", ");
      return `allowed is one Host header that names ${known}; --allow-host NAME adds a name`;
    }
    const origins = request.headersDistinct["origin"] ?? [];
    const isOwn = origins.every((origin) => origin === `${this.#scheme}://${host}`);
    if (origins.length > 1 || !isOwn) {
      return "a page of another web origin may not call; programs send no Origin header";
    }
    return isFromElsewhere(request) ? "another web page may only link to this one" : undefined;
  }

  /** In lower case and with its port. */
  #hostOf(request: IncomingMessage): string | undefined {
    const hosts = request.headersDistinct["host"] ?? [];
    const host = hosts[0]?.toLowerCase() ?? "";
    const name = HOST.exec(host)?.[1];
    const isAllowed = hosts.length === 1 && name !== undefined && this.#hosts.has(name);
    return isAllowed ? host : undefined;
  }
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
