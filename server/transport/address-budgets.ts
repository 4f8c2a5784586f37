import { isIPv6 } from "node:net";
import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

export interface AddressBudgetLimits {
  /** Connections from one network that nobody has admitted yet, at once. */
  readonly unadmittedMax: number;
  /** Joins from one network that are under way, or led to nothing in a window of `joinWindowMs`. */
  readonly failedJoinsMax: number;
  /** Whether connections from this machine count as well. */
  readonly limitsLoopback: boolean;
  /** Addresses and blocks of them whose word counts for whom they speak; none unless given. */
  readonly trustedProxies?: readonly string[];
}

/**
 * What one network may ask for before it is admitted. A network is an IPv4 address or the first 64 bits of an IPv6 one,
 * of the socket itself or of whom a trusted proxy speaks for. Players do not count, so that a whole school can play;
 * strangers do.
 */
export class AddressBudgets {
  readonly #networks: Networks;
  readonly #proxies: TrustedProxies;
  #connections = 0;

  constructor(clock: Clock, limits: AddressBudgetLimits) {
    this.#networks = new Networks(clock, limits);
    this.#proxies = new TrustedProxies(limits.trustedProxies ?? []);
  }

  /** @returns A visitor, or `undefined` when there are too many strangers: the connection is to be dropped. */
  enter(address: string): Visitor | undefined {
    const connectionId = ++this.#connections;
    const visitor = new Visitor(this.#networks, this.#proxies, address, connectionId);
    // Whom a proxy speaks for is known once its request was read; until then all connections in all are its limit.
    if (this.#proxies.includes(address) || visitor.speaksFor(undefined)) return visitor;
    visitor.forget();
    return undefined;
  }

  /** Somebody whom nobody has admitted has begun to speak a moment ago. */
  get isAwaited(): boolean {
    return this.#networks.isAwaited;
  }
}

/** One connection that nobody has admitted yet. */
export class Visitor {
  /** Counts the connections of this process, from 1; for logs. */
  readonly connectionId: number;
  readonly #networks: Networks;
  readonly #proxies: TrustedProxies;
  #address: string;
  #network: string | undefined;
  /** It is not known yet for whom the connection speaks. */
  #isUndecided = true;
  #isStranger = true;
  #isJoining = false;

  constructor(networks: Networks, proxies: TrustedProxies, address: string, connectionId: number) {
    this.connectionId = connectionId;
    this.#networks = networks;
    this.#proxies = proxies;
    this.#address = address;
  }

  /** Of the socket, or of whom a trusted proxy speaks for; for logs. */
  get address(): string {
    return this.#address;
  }

  /** Whose budgets count; `undefined` where none do, and as long as a proxy has not said it. */
  get network(): string | undefined {
    return this.#network;
  }

  /** Nobody has admitted it. */
  get isStranger(): boolean {
    return this.#isStranger;
  }

  /**
   * Settles whose connection it is, now that all is read that a proxy may say of it. The first time counts.
   * @param forwardedFor - `X-Forwarded-For`; only that of a trusted proxy is looked at.
   * @returns Whether its network has room for one more stranger; the connection is to be ended if not.
   */
  speaksFor(forwardedFor: string | undefined): boolean {
    if (!this.#isUndecided) return true;
    // One that closed meanwhile would never be taken out again.
    if (!this.#isStranger) return false;
    this.#isUndecided = false;
    this.#address = this.#proxies.visitorBehind(forwardedFor) ?? this.#address;
    const network = this.#networks.limitedOf(this.#address);
    if (!this.#networks.addStranger(network)) return false;
    this.#network = network;
    return true;
  }

  /** Its first byte came. */
  speaks(): void {
    if (this.#isStranger) this.#networks.await(this);
  }

  /** Begins a join. @returns Whether its network had one left. */
  beginJoin(): boolean {
    if (this.#isJoining) return true;
    this.#isJoining = this.#networks.beginJoin(this.#network);
    return this.#isJoining;
  }

  /** The join led to nothing. */
  failed(): void {
    this.#networks.countFailure(this.#network);
    this.endJoin();
  }

  /** The join is over, whatever became of it. The second time nothing happens. */
  endJoin(): void {
    if (!this.#isJoining) return;
    this.#isJoining = false;
    this.#networks.endJoin(this.#network);
  }

  /** It has a seat, or is gone. The second time nothing happens. */
  forget(): void {
    if (!this.#isStranger) return;
    this.#isStranger = false;
    this.#networks.awaitNoMore(this);
    this.#networks.removeStranger(this.#network);
  }
}

/** What is known of every network; `undefined` is one without limits. */
class Networks {
  readonly #clock: Clock;
  readonly #limits: AddressBudgetLimits;
  /** Bounded by the connections there are, and by the joins that outlive theirs: the fleet answers in time. */
  readonly #strangers = new Map<string, number>();
  readonly #joining = new Map<string, number>();
  /** Failed joins of the present window; bounded by `networksMax`. */
  #failedJoins = new Map<string, number>();
  #windowEndsAtMs = 0;
  /** When each began to speak; oldest first. Of networks without limits, too. */
  readonly #awaitedSinceMs = new Map<Visitor, number>();

  constructor(clock: Clock, limits: AddressBudgetLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  await(visitor: Visitor): void {
    this.#awaitedSinceMs.set(visitor, this.#clock.nowMs());
  }

  awaitNoMore(visitor: Visitor): void {
    this.#awaitedSinceMs.delete(visitor);
  }

  get isAwaited(): boolean {
    for (const [visitor, sinceMs] of this.#awaitedSinceMs) {
      if (this.#clock.nowMs() - sinceMs < TRANSPORT_LIMITS.awaitedMs) return true;
      this.#awaitedSinceMs.delete(visitor);
    }
    return false;
  }

  limitedOf(address: string): string | undefined {
    const network = networkOf(address);
    return network === LOOPBACK && !this.#limits.limitsLoopback ? undefined : network;
  }

  addStranger(network: string | undefined): boolean {
    return takesOne(this.#strangers, network, this.#limits.unadmittedMax);
  }

  removeStranger(network: string | undefined): void {
    givesOneBack(this.#strangers, network);
  }

  /** What is under way may still fail, so it holds one of the joins that may. */
  beginJoin(network: string | undefined): boolean {
    this.#turnWindow();
    const failed = this.#failedJoins.get(network ?? "") ?? 0;
    return takesOne(this.#joining, network, this.#limits.failedJoinsMax - failed);
  }

  endJoin(network: string | undefined): void {
    givesOneBack(this.#joining, network);
  }

  countFailure(network: string | undefined): void {
    if (network === undefined) return;
    this.#turnWindow();
    const failed = this.#failedJoins.get(network) ?? 0;
    // With more networks than can be remembered the newest are not; those that are many are there already.
    if (failed > 0 || this.#failedJoins.size < TRANSPORT_LIMITS.networksMax) {
      this.#failedJoins.set(network, failed + 1);
    }
  }

  #turnWindow(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#windowEndsAtMs) return;
    this.#windowEndsAtMs = nowMs + TRANSPORT_LIMITS.joinWindowMs;
    this.#failedJoins = new Map();
  }
}

function takesOne(counts: Map<string, number>, network: string | undefined, max: number): boolean {
  if (network === undefined) return true;
  const count = counts.get(network) ?? 0;
  if (count >= max) return false;
  counts.set(network, count + 1);
  return true;
}

function givesOneBack(counts: Map<string, number>, network: string | undefined): void {
  if (network === undefined) return;
  const left = (counts.get(network) ?? 1) - 1;
  if (left === 0) counts.delete(network);
  else counts.set(network, left);
}

const LOOPBACK = "loopback";

/** @param address - As Node gives it; anything else is a network of its own. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
  if (/^127\./.test(mapped) || mapped === "::1") return LOOPBACK;
  if (!isIPv6(mapped)) return mapped;
  const [head = "", tail] = (mapped.split("%")[0] ?? "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = 8 - groups.length - (tail ? tail.split(":").length : 0);
  if (tail !== undefined) groups.push(...Array.from({ length: missing }, () => "0"));
  if (tail) groups.push(...tail.split(":"));
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
