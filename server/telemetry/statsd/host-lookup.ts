import { Resolver } from "node:dns";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { STATSD_LIMITS } from "./limits.ts";

interface Found {
  readonly address: string;
  readonly family: number;
}

type Answer = (error: Error | null, found: string | Found[], family?: number) => void;

/** As sockets ask: those of UDP with a family, others with options. */
type Lookup = (
  host: string,
  options: number | { readonly all?: boolean | undefined; readonly family?: unknown },
  answer: Answer,
) => void;

interface HostLookupOptions {
  /** @defaultValue /etc/hosts */
  readonly hostsFile?: string;
  /** Of name servers, such as `127.0.0.1:53`; the system's unless given. */
  readonly servers?: readonly string[];
}

/**
 * Looks names up in the hosts file and at the name servers, which get about 2 s. The system's own lookup holds a thread
 * for as long as a dead name server takes to be given up, 10 s and more, and the end of the process waits for its threads.
 * Names need their domain: none is added.
 */
export function hostLookup({ hostsFile = "/etc/hosts", servers }: HostLookupOptions = {}): Lookup {
  const { lookupTimeoutMs: timeout, lookupTries: tries } = STATSD_LIMITS;
  return (host, options, answer) => {
    const asked = typeof options === "number" ? options : options.family;
    const family = asked === 6 || asked === "IPv6" ? 6 : 4;
    const isAll = typeof options === "object" && options.all === true;
    const found = (addresses: readonly string[]) => {
      const all = addresses.map((address) => ({ address, family: isIP(address) }));
      const [first] = all;
      if (isAll) answer(null, all);
      else answer(null, first?.address ?? "", first?.family);
    };
    if (isIP(host) !== 0) return found([host]);
    const known = namedIn(hostsFile, host, family);
    if (known.length > 0) return found(known);
    const resolver = new Resolver({ timeout, tries });
    if (servers !== undefined) resolver.setServers(servers);
    const resolved = (error: Error | null, addresses: string[]) =>
      error === null ? found(addresses) : answer(error, "");
    if (family === 6) resolver.resolve6(host, resolved);
    else resolver.resolve4(host, resolved);
  };
}

function namedIn(hostsFile: string, host: string, family: number): string[] {
  let text: string;
  try {
    text = readFileSync(hostsFile, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const isNamed = names.some((name) => name.toLowerCase() === host.toLowerCase());
    return isNamed && isIP(address) === family ? [address] : [];
  });
}
