import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AddressBudgets,
  networkOf,
  type Visitor,
} from "../../../server/transport/address-budgets.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LIMITS = { unadmittedMax: 3, failedJoinsMax: 2, limitsLoopback: false };

function budgets(limits: Partial<typeof LIMITS> = {}) {
  const clock = new FakeClock(1_000);
  const all = new AddressBudgets(clock, { ...LIMITS, ...limits });
  const enter = (address: string): Visitor => {
    const visitor = all.enter(address);
    if (visitor === undefined) throw new Error("dropped");
    return visitor;
  };
  return { clock, all, enter };
}

describe("a network", () => {
  it("[BU1] is an IPv4 address, however it is written, or 64 bits of an IPv6 one", () => {
    expect(networkOf("203.0.113.7")).toBe("203.0.113.7");
    expect(networkOf("::ffff:203.0.113.7")).toBe("203.0.113.7");
    expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(networkOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
    expect(networkOf("2001:DB8:0:0:ffff::")).toBe("2001:db8:0:0::/64");
    expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    for (const own of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
      expect(networkOf(own)).toBe("loopback");
    }
  });

  it("[BU1] is the same for every address of its 64 bits, and another for any other", () => {
    const group = fc.nat(0xffff).map((number) => number.toString(16));
    const head = fc.tuple(
      fc.integer({ min: 0x2000, max: 0x3fff }).map((n) => n.toString(16)),
      group,
      group,
      group,
    );
    const tail = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(head, tail, tail, head, (first, one, two, other) => {
        const network = networkOf([...first, ...one].join(":"));
        expect(networkOf([...first, ...two].join(":"))).toBe(network);
        const isSame = first.join(":") === other.join(":");
        expect(networkOf([...other, ...one].join(":")) === network).toBe(isSame);
      }),
    );
  });

  it("[BU1] is made of any text without a throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void networkOf(text)));
    fc.assert(fc.property(fc.ipV6(), (address) => void networkOf(address)));
  });
});

describe("strangers of one network", () => {
  it("[BU2] are dropped beyond their number, and others are not", () => {
    const { all, enter } = budgets();
    const visitors = [1, 2, 3].map(() => enter("203.0.113.7"));
    expect(all.enter("203.0.113.7")).toBeUndefined();
    enter("203.0.113.8");
    visitors[0]?.forget();
    visitors[0]?.forget();
    enter("203.0.113.7");
    expect(all.enter("203.0.113.7")).toBeUndefined();
  });

  it("[BU2] do not count once they are players: forty of one school get in", () => {
    const { enter } = budgets();
    for (let player = 0; player < 40; player++) {
      const visitor = enter("203.0.113.7");
      expect(visitor.mayJoin()).toBe(true);
      visitor.forget();
    }
  });

  it("[BU3] may fail to join so often, and again in the next window", () => {
    const { clock, enter } = budgets();
    enter("203.0.113.7").failed();
    expect(enter("203.0.113.7").mayJoin()).toBe(true);
    const visitor = enter("203.0.113.7");
    visitor.failed();
    expect(visitor.mayJoin()).toBe(false);
    expect(enter("203.0.113.8").mayJoin()).toBe(true);
    clock.advance(TRANSPORT_LIMITS.joinWindowMs);
    expect(visitor.mayJoin()).toBe(true);
  });

  it("[BU3] are remembered up to a number of networks, and those known before stay known", () => {
    const { all, enter } = budgets({ failedJoinsMax: 1 });
    const first = enter("203.0.113.7");
    first.failed();
    for (let network = 0; network <= TRANSPORT_LIMITS.networksMax; network++) {
      const visitor = all.enter(`10.${network >> 16}.${(network >> 8) & 255}.${network & 255}`);
      visitor?.failed();
      visitor?.forget();
    }
    expect(first.mayJoin()).toBe(false);
    const late = enter("198.51.100.1");
    late.failed();
    expect(late.mayJoin()).toBe(true);
  });

  it("[BU4] of this machine are not limited, unless it is asked for", () => {
    for (const [limitsLoopback, isLimited] of [
      [false, false],
      [true, true],
    ] as const) {
      const { all } = budgets({ limitsLoopback });
      const visitors = [1, 2, 3, 4].map(() => all.enter("127.0.0.1"));
      expect(visitors[3] === undefined).toBe(isLimited);
      for (const visitor of visitors) visitor?.failed();
      expect(visitors[0]?.mayJoin()).toBe(!isLimited);
    }
  });
});
