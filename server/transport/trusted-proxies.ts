import { AddressBlocks, plainAddress } from "../address-blocks.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

/**
 * Proxies that are believed when they say for whom they speak. Each appends the address that it sees to
 * `X-Forwarded-For`, so what a stranger wrote there himself stands to the left of what is true.
 */
export class TrustedProxies {
  readonly #blocks: AddressBlocks;

  /** @param blocks - Addresses, and blocks such as `10.0.0.0/8`. */
  constructor(blocks: readonly string[]) {
    this.#blocks = new AddressBlocks(blocks);
  }

  /** @param address - Of a socket, as Node gives it; `""` for one that has none any more. */
  includes(address: string): boolean {
    return this.#blocks.includes(address);
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
      if (!this.#blocks.includes(address)) return address;
    }
    return undefined;
  }
}

/** Some balancers append the port: `203.0.113.7:5123`, `[2001:db8::1]:5123`. */
function withoutPort(hop: string): string {
  const [, ipv4, ipv6] = /^([\d.]+):\d{1,5}$|^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  return ipv4 ?? ipv6 ?? hop;
}
