import { isIPv6 } from "node:net";
import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

export interface AddressBudgetLimits {
  /** Connections from one network that nobody has admitted yet, at once. */
  readonly unadmittedMax: number;
  /** Joins from one network in a window of `joinWindowMs` that led to nothing. */
  readonly failedJoinsMax: number;
  /** Whether connections from this machine count as well. */
  readonly limitsLoopback: boolean;
}

/**
 * What one network may ask for before it is admitted. A network is an IPv4 address or the first 64 bits of an IPv6 one,
 * of the socket itself. Players do not count, so that a whole school can play; strangers do.
 */
export class AddressBudgets {
  readonly #clock: Clock;
  readonly #limits: AddressBudgetLimits;
  readonly #unadmitted = new Map<string, number>();
  /** Failed joins of the present window; bounded by `networksMax`. */
  #failedJoins = new Map<string, number>();
  #windowEndsAtMs = 0;

  constructor(clock: Clock, limits: AddressBudgetLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @returns A visitor, or `undefined` when there are too many strangers: the connection is to be dropped. */
  enter(address: string): Visitor | undefined {
    const network = networkOf(address);
    const isExempt = network === LOOPBACK && !this.#limits.limitsLoopback;
    const count = this.#unadmitted.get(network) ?? 0;
    if (!isExempt && count >= this.#limits.unadmittedMax) return undefined;
    this.#unadmitted.set(network, count + 1);
    return new Visitor(address, {
      mayJoin: () => isExempt || this.#mayJoin(network),
      failed: () => {
        if (!isExempt) this.#countFailure(network);
      },
      left: () => this.#leave(network),
    });
  }

  #leave(network: string): void {
    const left = (this.#unadmitted.get(network) ?? 1) - 1;
    if (left === 0) this.#unadmitted.delete(network);
    else this.#unadmitted.set(network, left);
  }

  #mayJoin(network: string): boolean {
    this.#turnWindow();
    return (this.#failedJoins.get(network) ?? 0) < this.#limits.failedJoinsMax;
  }

  #countFailure(network: string): void {
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

/** One connection that nobody has admitted yet. */
export class Visitor {
  /** Of the socket; for logs. */
  readonly address: string;
  readonly #budget: { mayJoin(): boolean; failed(): void; left(): void };
  #isStranger = true;

  constructor(address: string, budget: { mayJoin(): boolean; failed(): void; left(): void }) {
    this.address = address;
    this.#budget = budget;
  }

  /** Nobody has admitted it. */
  get isStranger(): boolean {
    return this.#isStranger;
  }

  /** Whether its network has joins left. */
  mayJoin(): boolean {
    return this.#budget.mayJoin();
  }

  /** A join of it led to nothing. */
  failed(): void {
    this.#budget.failed();
  }

  /** It has a seat, or is gone. The second time nothing happens. */
  forget(): void {
    if (!this.#isStranger) return;
    this.#isStranger = false;
    this.#budget.left();
  }
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
