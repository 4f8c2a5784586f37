import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { TrustedProxies } from "../../../server/transport/trusted-proxies.ts";

const PROXIES = ["10.0.0.0/8", "192.0.2.1", "2001:db8:aaaa::/48", "2001:db8::1"];
const proxies = new TrustedProxies(PROXIES);

describe("a trusted proxy", () => {
  it.each([
    "10.0.0.1",
    "10.255.255.255",
    "192.0.2.1",
    "::ffff:192.0.2.1",
    "::ffff:0a01:0203",
    "2001:db8:aaaa:1::5",
    "2001:DB8:0:0::1",
    "2001:db8::1%eth0",
  ])("[BU5] is one of the list, however it is written: %s", (address) => {
    expect(proxies.includes(address)).toBe(true);
  });

  it.each(["11.0.0.1", "192.0.2.2", "2001:db8:aaab::1", "2001:db8::2", "::1", "", "10.0.0", "x"])(
    "[BU5] is nobody else: %j",
    (address) => {
      expect(proxies.includes(address)).toBe(false);
    },
  );

  it("[BU5] is nobody without a list", () => {
    const none = new TrustedProxies([]);
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => !none.includes(address)));
  });

  it("[BU5] may be a block that is written in the IPv6 form of IPv4", () => {
    const mapped = new TrustedProxies(["::ffff:192.0.2.7"]);
    expect([mapped.includes("192.0.2.7"), mapped.includes("192.0.2.8")]).toEqual([true, false]);
  });
});

describe("whom it speaks for", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["198.51.100.1,203.0.113.7 , 10.0.0.3,192.0.2.1", "203.0.113.7"],
    ["203.0.113.7:51234", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"],
    ["2001:DB8:0::5", "2001:db8::5"],
    ["[2001:db8:1::5]", "2001:db8:1::5"],
    ["[2001:db8:1::5]:443, 10.9.9.9:80", "2001:db8:1::5"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["unknown, <script>, 203.0.113.7, 10.0.0.1", "203.0.113.7"],
    ["127.0.0.1", "127.0.0.1"],
  ])("[BU5] is the rightmost address that is no trusted proxy: %j", (header, address) => {
    expect(proxies.visitorBehind(header)).toBe(address);
  });

  it.each([
    undefined,
    "",
    ",",
    "10.0.0.1",
    "10.0.0.1, 192.0.2.1",
    "unknown",
    "203.0.113.7, unknown",
    "203.0.113.7, ",
    "203.0.113.7, _hidden, 10.0.0.1",
    "203.0.113.256",
    "203.0.113.7:",
    "203.0.113.7:123456",
    "[203.0.113.7",
    "[2001:db8:1::5]443",
    "for=203.0.113.7",
    "203.0.113.7\u00a0x",
    "0x7f.1",
  ])("[BU5] is nobody for what no proxy writes: %j", (header) => {
    expect(proxies.visitorBehind(header)).toBeUndefined();
  });

  it("[BU5] is nobody in a header of absurd length", () => {
    const most = TRANSPORT_LIMITS.forwardedCharsMax;
    const long = (length: number) => ", 203.0.113.7".padStart(length, "x");
    expect(proxies.visitorBehind(long(most))).toBe("203.0.113.7");
    expect(proxies.visitorBehind(long(most + 1))).toBeUndefined();
  });

  it("[BU5] is never what stands left of it, whatever a stranger wrote there", () => {
    const own = fc.constantFrom("10.0.0.1", "10.2.3.4:80", "2001:db8:aaaa::9", "192.0.2.1");
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.ipV4().filter((address) => !proxies.includes(address)),
        fc.array(own, { maxLength: 5 }),
        (forged, address, chain) => {
          expect(proxies.visitorBehind([forged, address, ...chain].join(", "))).toBe(address);
        },
      ),
    );
  });

  it("[BU5] is an address or nobody, and never a throw", () => {
    const hop = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.ipV4Extended());
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 6 }), (hops) => {
        const address = proxies.visitorBehind(hops.join(","));
        if (address !== undefined) expect(proxies.includes(address)).toBe(false);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void proxies.includes(text)));
  });
});
