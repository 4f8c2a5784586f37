import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AddressBudgetLimits,
  AddressBudgets,
  networkOf,
  type Visitor,
} from "../../../server/transport/address-budgets.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LIMITS = { unadmittedMax: 3, failedJoinsMax: 2, limitsLoopback: false };

function budgets(limits: Partial<AddressBudgetLimits> = {}) {
  const clock = new FakeClock(1_000);
  const all = new AddressBudgets(clock, { ...LIMITS, ...limits });
  const enter = (address: string): Visitor => {
    const visitor = all.enter(address);
    if (visitor === undefined) throw new Error("dropped");
    return visitor;
  };
  return { clock, all, enter };
}

function failTo(visitor: Visitor): void {
  visitor.beginJoin();
  visitor.failed();
}

function mayJoin(visitor: Visitor): boolean {
  const isTaken = visitor.beginJoin();
  visitor.endJoin();
  return isTaken;
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
      expect(visitor.beginJoin()).toBe(true);
      visitor.forget();
      visitor.endJoin();
    }
  });

  it("[BU3] may fail to join so often, and again in the next window", () => {
    const { clock, enter } = budgets();
    failTo(enter("203.0.113.7"));
    const visitor = enter("203.0.113.7");
    expect(mayJoin(visitor)).toBe(true);
    failTo(visitor);
    expect(mayJoin(visitor)).toBe(false);
    expect(mayJoin(enter("203.0.113.8"))).toBe(true);
    clock.advance(TRANSPORT_LIMITS.joinWindowMs);
    expect(mayJoin(visitor)).toBe(true);
  });

  it("[BU3] are remembered up to a number of networks, and those known before stay known", () => {
    const { all, enter } = budgets({ failedJoinsMax: 1 });
    const first = enter("203.0.113.7");
    failTo(first);
    for (let network = 0; network <= TRANSPORT_LIMITS.networksMax; network++) {
      const visitor = all.enter(`10.${network >> 16}.${(network >> 8) & 255}.${network & 255}`);
      if (visitor !== undefined) failTo(visitor);
      visitor?.forget();
    }
    expect(mayJoin(first)).toBe(false);
    const late = enter("198.51.100.1");
    failTo(late);
    expect(mayJoin(late)).toBe(true);
  });

  it("[BU4] of this machine are not limited, unless it is asked for", () => {
    for (const [limitsLoopback, isLimited] of [
      [false, false],
      [true, true],
    ] as const) {
      const { all } = budgets({ limitsLoopback });
      const visitors = [1, 2, 3, 4].map(() => all.enter("127.0.0.1"));
      expect(visitors[3] === undefined).toBe(isLimited);
      expect(visitors[0]?.network).toBe(isLimited ? "loopback" : undefined);
      for (const visitor of visitors) if (visitor !== undefined) failTo(visitor);
      expect(visitors[0] && mayJoin(visitors[0])).toBe(!isLimited);
    }
  });
});

describe("joins under way", () => {
  const MANY = { unadmittedMax: 100, failedJoinsMax: 40 };

  it("[BU7] hold one of their network's joins each, and give it back whatever became of them", () => {
    const { enter } = budgets(MANY);
    const [one, two, ...others] = Array.from({ length: 41 }, () => enter("203.0.113.7"));
    expect([one, ...others].map((visitor) => visitor?.beginJoin())).not.toContain(false);
    expect(two?.beginJoin()).toBe(false);
    expect(enter("203.0.113.8").beginJoin()).toBe(true);
    one?.endJoin();
    one?.endJoin();
    expect([two?.beginJoin(), one?.beginJoin()]).toEqual([true, false]);
    // A failure keeps what it held until the window turns.
    for (const visitor of others) visitor.failed();
    for (const visitor of others) visitor.endJoin();
    expect(one?.beginJoin()).toBe(false);
    two?.endJoin();
    expect(one && mayJoin(one)).toBe(true);
  });

  it("[BU7] hold it beyond the end of their connection", () => {
    const { enter } = budgets({ failedJoinsMax: 1 });
    const gone = enter("203.0.113.7");
    gone.beginJoin();
    gone.forget();
    const next = enter("203.0.113.7");
    expect(next.beginJoin()).toBe(false);
    gone.endJoin();
    expect(next.beginJoin()).toBe(true);
  });

  it("[BU7] never lead to more failures in a window than there may be, and are never refused without need", () => {
    const act = fc.tuple(fc.constantFrom("begin", "fail", "seat", "wait"), fc.nat(9));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const { clock, enter } = budgets({ unadmittedMax: 100, failedJoinsMax: 5 });
        const underWay: Visitor[] = [];
        let failed = 0;
        let begun = 0;
        for (const [what, which] of acts) {
          const [joining] =
            what === "begin" ? [] : underWay.splice(which % (underWay.length || 1), 1);
          if (what === "begin") {
            const visitor = enter("203.0.113.7");
            const isTaken = visitor.beginJoin();
            expect(isTaken).toBe(failed + underWay.length < 5);
            if (isTaken) underWay.push(visitor);
            else visitor.forget();
            begun++;
          } else if (what === "wait") {
            if (joining !== undefined) underWay.push(joining);
            clock.advance(TRANSPORT_LIMITS.joinWindowMs);
            failed = 0;
          } else if (joining !== undefined) {
            if (what === "fail") joining.failed();
            else joining.endJoin();
            joining.forget();
            if (what === "fail") failed++;
          }
        }
        expect(begun).toBe(acts.filter(([what]) => what === "begin").length);
      }),
    );
  });
});

describe("connections of a trusted proxy", () => {
  const BEHIND = { trustedProxies: ["10.0.0.0/8"], unadmittedMax: 2 };

  it("[BU6] count for nobody until their request is read, then for whom they speak", () => {
    const { all, enter } = budgets(BEHIND);
    const waiting = Array.from({ length: 9 }, () => enter("10.1.1.1"));
    const taken = waiting.map((visitor, at) => visitor.speaksFor(`203.0.113.${at % 3}`));
    expect(taken).toEqual([true, true, true, true, true, true, false, false, false]);
    expect(waiting[1]).toMatchObject({ address: "203.0.113.1", network: "203.0.113.1" });
    // The visitor's network is one, whichever way he came.
    expect(all.enter("203.0.113.1")).toBeUndefined();
    waiting[1]?.forget();
    expect(all.enter("203.0.113.1")).toBeDefined();
    // Those that were refused are nobody's, and take nothing with them when they close.
    for (const visitor of waiting.slice(6)) visitor.forget();
    expect(all.enter("203.0.113.1")).toBeUndefined();
  });

  it("[BU6] have their failed joins counted apart", () => {
    const { enter } = budgets(BEHIND);
    const [bad, good] = [enter("10.1.1.1"), enter("10.1.1.1")];
    bad.speaksFor("203.0.113.1");
    good.speaksFor("203.0.113.2");
    failTo(bad);
    failTo(bad);
    expect([mayJoin(bad), mayJoin(good)]).toEqual([false, true]);
  });

  it("[BU6] that speak for nobody count for the proxy, as does what is said a second time", () => {
    const { enter } = budgets(BEHIND);
    const visitors = [1, 2, 3].map(() => enter("10.1.1.1"));
    expect(visitors.map((visitor) => visitor.speaksFor(undefined))).toEqual([true, true, false]);
    expect(visitors[0]?.speaksFor("203.0.113.1")).toBe(true);
    expect(visitors[0]?.address).toBe("10.1.1.1");
  });

  it("[BU6] that closed before they spoke are never counted", () => {
    const { enter } = budgets({ ...BEHIND, unadmittedMax: 1 });
    const gone = enter("10.1.1.1");
    gone.forget();
    expect(gone.speaksFor("203.0.113.1")).toBe(false);
    expect(enter("10.1.1.1").speaksFor("203.0.113.1")).toBe(true);
  });

  it("[BU5] are those of the list alone: what anybody else says is not looked at", () => {
    const { all, enter } = budgets(BEHIND);
    const stranger = enter("198.51.100.1");
    expect(stranger.speaksFor("203.0.113.1")).toBe(true);
    expect(stranger.address).toBe("198.51.100.1");
    enter("198.51.100.1");
    expect(all.enter("198.51.100.1")).toBeUndefined();
    const unlisted = budgets({ unadmittedMax: 1 });
    unlisted.enter("10.1.1.1").speaksFor("203.0.113.1");
    expect(unlisted.all.enter("10.1.1.1")).toBeUndefined();
  });
});
