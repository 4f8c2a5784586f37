/**
 * Whose request it is, as far as limits go: an IPv4 address, or the 64 bits of an IPv6 one that one household has.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * @param proxies - Proxies before the lobby that append the address they see to X-Forwarded-For; 0 for none.
 * @returns The visitor's network; the socket's own where a proxy said nothing usable.
 */
export function networkOf(request: IncomingMessage, proxies: number): string {
  const own = request.socket.remoteAddress ?? "";
  if (proxies === 0) return network(own);
  const said = String(request.headers["x-forwarded-for"] ?? "").split(",");
  const visitor = said.at(-proxies)?.trim() ?? "";
  return network(isIP(visitor) === 0 ? own : visitor);
}

function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...new Array<string>(gap).fill("0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
