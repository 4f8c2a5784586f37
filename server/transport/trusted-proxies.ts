import { BlockList, isIP, SocketAddress } from "node:net";
import { TRANSPORT_LIMITS } from "./limits.ts";

/**
 * Proxies that are believed when they say for whom they speak. Each appends the address that it sees to
 * `X-Forwarded-For`, so what a stranger wrote there himself stands to the left of what is true.
 */
export class TrustedProxies {
  readonly #blocks = new BlockList();
  readonly #isEmpty: boolean;

  /** @param blocks - Addresses, and blocks such as `10.0.0.0/8`. */
  constructor(blocks: readonly string[]) {
    this.#isEmpty = blocks.length === 0;
    for (const block of blocks) {
      const [address = "", bits] = block.split("/");
      const family = familyOf(address);
      if (bits === undefined) this.#blocks.addAddress(address, family);
      else this.#blocks.addSubnet(address, Number(bits), family);
    }
  }

  /** @param address - Of a socket, as Node gives it; `""` for one that has none any more. */
  includes(address: string): boolean {
    if (this.#isEmpty) return false;
    const plain = plainAddress(address);
    return plain !== undefined && this.#blocks.check(plain, familyOf(plain));
  }

  /**
   * For whom a trusted proxy speaks: the rightmost address that is no trusted proxy itself.
   * @param forwardedFor - The header; several of them are one with commas.
   * @returns `undefined` for nobody, and for what no proxy writes.
   */
  visitorBehind(forwardedFor: string | undefined): string | undefined {
    if (forwardedFor === undefined || forwardedFor.length > TRANSPORT_LIMITS.forwardedCharsMax) {
      return undefined;
    }
    const hops = forwardedFor.split(",");
    for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
      const address = plainAddress(withoutPort(hop.trim()));
      if (address === undefined) return undefined;
      if (!this.#blocks.check(address, familyOf(address))) return address;
    }
    return undefined;
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Some balancers append the port: `203.0.113.7:5123`, `[2001:db8::1]:5123`. */
function withoutPort(hop: string): string {
  const [, ipv4, ipv6] = /^([\d.]+):\d{1,5}$|^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  return ipv4 ?? ipv6 ?? hop;
}

/** One way to write each address: IPv4 without the IPv6 around it, IPv6 in its short form and without a zone. */
function plainAddress(text: string): string | undefined {
  const address = text.split("%")[0] ?? "";
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  const short = new SocketAddress({ address, family: "ipv6" }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(short)?.[1] ?? short;
}
