import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { JoinRates } from "../../../backend/lobby/join-rates.ts";
import { LOBBY_LIMITS } from "../../../backend/lobby/limits.ts";
import { networkOf } from "../../../backend/lobby/network.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const request = (remoteAddress: string, forwardedFor?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
  }) as unknown as IncomingMessage;

describe("the network of a request", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("[LB16] of %s is %s", (address, network) => {
    expect(networkOf(request(address), 0)).toBe(network);
  });

  it("[LB16] is what the outermost of our own proxies saw, and nothing a visitor said", () => {
    const said = "198.51.100.9, 203.0.113.7, 192.0.2.1";
    expect(networkOf(request("10.0.0.1", said), 0)).toBe("10.0.0.1");
    expect(networkOf(request("10.0.0.1", said), 1)).toBe("192.0.2.1");
    expect(networkOf(request("10.0.0.1", said), 2)).toBe("203.0.113.7");
    for (const unusable of ["", "unknown", "203.0.113.7:80", "x, ,"]) {
      expect(networkOf(request("10.0.0.1", unusable), 1)).toBe("10.0.0.1");
    }
    expect(networkOf(request("10.0.0.1", "1.2.3.4"), 2)).toBe("10.0.0.1");
  });
});

describe("joins of one network", () => {
  it("[LB9] are as many at one moment as in a minute, and refill steadily", () => {
    const clock = new FakeClock();
    const rates = new JoinRates(clock, 6);
    const join = () => {
      const refusal = rates.begin("a");
      if (refusal === undefined) rates.end("a");
      return refusal;
    };
    expect(Array.from({ length: 7 }, join)).toEqual([
      ...new Array<undefined>(6).fill(undefined),
      "too_many_requests",
    ]);
    expect(rates.begin("b")).toBeUndefined();
    clock.advance(9_999);
    expect(join()).toBe("too_many_requests");
    clock.advance(10);
    expect(join()).toBeUndefined();
    clock.advance(3_600_000);
    expect(Array.from({ length: 7 }, join).filter((each) => each === undefined)).toHaveLength(6);
  });

  it("[LB9] wait in bounded number, however many may begin", () => {
    const rates = new JoinRates(new FakeClock(), 100_000);
    const { waitingPerNetworkMax } = LOBBY_LIMITS;
    for (let join = 0; join < waitingPerNetworkMax; join++)
      expect(rates.begin("a")).toBeUndefined();
    expect(rates.begin("a")).toBe("too_many_waiting");
    rates.end("a");
    expect(rates.begin("a")).toBeUndefined();
  });

  it("[LB9] are forgotten with the network that was quiet longest, unless it waits", () => {
    const rates = new JoinRates(new FakeClock(), 1);
    rates.begin("waits");
    rates.begin("quiet");
    rates.end("quiet");
    for (let other = 2; other < LOBBY_LIMITS.networksMax + 1; other++) {
      rates.begin(`other-${other}`);
      rates.end(`other-${other}`);
    }
    expect(rates.begin("waits")).toBe("too_many_requests");
    expect(rates.begin("quiet")).toBeUndefined();
  });
});
