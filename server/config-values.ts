/**
 * How the text of a setting becomes its value. `undefined` means: not allowed.
 * @module
 */
import { isIP } from "node:net";

/** Ports tried one after the other at most; a longer list is a slip of the pen, not a wish. */
export const PORT_CANDIDATES_MAX = 1000;
/** Web origins listed at most. */
export const ORIGINS_MAX = 64;
/** Trusted proxies listed at most; each is compared with every connection. */
export const PROXIES_MAX = 64;
/** Characters of a path at most; Linux's PATH_MAX is 4096 bytes. */
const PATH_CHARACTERS_MAX = 4096;

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text);
}

/** Decimal digits only: no sign, no exponent, no blank, and no leading zero that someone may mean as octal. */
export function integer(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    if (!/^(0|[1-9]\d{0,8})$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };
}

/** Plain decimals: no sign, no exponent, no blank, at most three places. */
export function decimal(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    if (!/^(0|[1-9]\d{0,8})(\.\d{1,3})?$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };
}

export function boolean(text: string): boolean | undefined {
  if (text === "1" || text === "true") return true;
  return text === "0" || text === "false" ? false : undefined;
}

export function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

export function path(text: string): string | undefined {
  return text.length <= PATH_CHARACTERS_MAX && !text.includes("\0") ? text : undefined;
}

const parsePort = integer(1, 65_535);

/** Ports in the order they are tried, without repeats; `[0]` lets the system choose. */
export function ports(text: string): readonly number[] | undefined {
  if (text === "0") return [0];
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, ...rest] = part.trim().split("-");
    const firstPort = parsePort(first);
    const lastPort = parsePort(last);
    if (rest.length > 0 || firstPort === undefined || lastPort === undefined) return undefined;
    if (firstPort > lastPort) return undefined;
    for (let port = firstPort; port <= lastPort; port++) {
      found.add(port);
      if (found.size > PORT_CANDIDATES_MAX) return undefined;
    }
  }
  return [...found];
}

/** An origin exactly as a browser sends it: no path, no default port, lower case. */
function isWebOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.origin === text;
}

export function origins(text: string): readonly string[] | undefined {
  if (text.trim() === "") return [];
  const found = [...new Set(text.split(",").map((part) => part.trim()))];
  return found.length <= ORIGINS_MAX && found.every(isWebOrigin) ? found : undefined;
}

export function resultsUrl(text: string): string | undefined {
  if (text === "") return "";
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  return url.username === "" && url.password === "" && url.hash === "" ? text : undefined;
}

/** As `resultsUrl`, on a closed way and without a query: calls are signed for a path alone. */
export function endpointUrl(text: string): string | undefined {
  const url = resultsUrl(text);
  if (url === undefined || url === "") return url;
  return isClosedWay(new URL(url)) && !url.includes("?") ? url : undefined;
}

/** Nobody else reads what goes there: TLS, or this machine. */
export function isClosedWay({ protocol, hostname }: URL): boolean {
  const isLoopback =
    hostname === "localhost" ||
    hostname === "[::1]" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."));
  return protocol === "https:" || isLoopback;
}

/** An address, or a block of them such as `10.0.0.0/8`. A block of all addresses would trust everybody. */
function isAddressBlock(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || address.includes("%") || rest.length > 0) return false;
  return bits === undefined || integer(1, family === 4 ? 32 : 128)(bits) !== undefined;
}

export function addressBlocks(text: string): readonly string[] | undefined {
  if (text.trim() === "") return [];
  const found = [...new Set(text.split(",").map((part) => part.trim()))];
  return found.length <= PROXIES_MAX && found.every(isAddressBlock) ? found : undefined;
}

export const LOG_PATHS_MAX = 16;
/** What Amazon GameLift takes as the path of a log. */
const LOG_PATH = /^[^<>"'|*?[\]\p{Cc}]{1,4096}$/u;

/** At least one: a process without a log path is never taken for ready. */
export function logPaths(text: string): readonly string[] | undefined {
  const found = text.split(",").map((part) => part.trim());
  return found.length <= LOG_PATHS_MAX && found.every((each) => LOG_PATH.test(each))
    ? found
    : undefined;
}
