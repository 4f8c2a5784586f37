import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { originRule } from "../../../server/transport/origins.ts";

const LISTED = ["https://play.example.com", "http://192.0.2.7:8080"];
const withLoopback = originRule(LISTED, true);
const listedOnly = originRule(LISTED, false);

const byte = fc.nat(255);
const loopbackHost = fc.oneof(
  fc.constantFrom("localhost", "[::1]"),
  fc.tuple(byte, byte, byte).map((rest) => `127.${rest.join(".")}`),
);
const scheme = fc.constantFrom("http", "https");
const port = fc.oneof(
  fc.constant(""),
  fc.integer({ min: 1, max: 65_535 }).map((number) => `:${number}`),
);
const loopback = fc.tuple(scheme, loopbackHost, port).map(([s, h, p]) => `${s}://${h}${p}`);

describe("who may reach the server", () => {
  it("[TP21] is a program without an Origin, always", () => {
    expect([withLoopback(undefined), listedOnly(undefined)]).toEqual([true, true]);
    expect(originRule([], false)(undefined)).toBe(true);
  });

  it("[TP21] is a page of this machine with the local fleet, and with no other", () => {
    fc.assert(
      fc.property(loopback, (origin) => {
        expect([withLoopback(origin), listedOnly(origin)]).toEqual([true, false]);
      }),
    );
  });

  it("[TP21] is a page of a listed origin, to the letter", () => {
    expect(LISTED.map(listedOnly)).toEqual([true, true]);
    for (const near of [
      "https://play.example.com/",
      "https://play.example.com:443",
      "https://play.example.com:8443",
      "http://play.example.com",
      "https://PLAY.example.com",
      "https://play.example.com.evil.test",
      "https://evil.test#https://play.example.com",
      "https://xplay.example.com",
      "https://play-example.com",
      "http://192.0.2.70:8080",
      "",
    ]) {
      expect([near, withLoopback(near)]).toEqual([near, false]);
    }
  });

  it.each([
    ["http://localhost.example.org"],
    ["http://localhost.evil.test:8080"],
    ["http://evil-localhost"],
    ["http://evil.localhost"],
    ["http://127.0.0.1.evil.test"],
    ["http://127.0.0.1@evil.test"],
    ["http://127.0.0.1:80@evil.test"],
    ["http://user@127.0.0.1"],
    ["http://127.0.0.1:8080.evil.test"],
    ["http://127.0.0.1:"],
    ["http://127.0.0.1:123456"],
    ["http://127.0.0.1/"],
    ["http://127.0.0.1\n"],
    ["http://127.0.0.1, http://evil.test"],
    ["http://127x0x0x1"],
    ["http://127.1"],
    ["http://2130706433"],
    ["http://128.0.0.1"],
    ["http://10.127.0.0.1"],
    ["http://0.0.0.0"],
    ["http://192.168.0.1"],
    ["http://[::1].evil.test"],
    ["http://[::2]"],
    ["http://[::ffff:10.0.0.1]"],
    ["http://::1"],
    ["ftp://127.0.0.1"],
    ["ws://127.0.0.1"],
    ["xhttp://127.0.0.1"],
    ["//127.0.0.1"],
    ["127.0.0.1"],
    ["file://"],
    ["null"],
    [""],
  ])("[TP21] is not a page of %j", (origin) => {
    expect([withLoopback(origin), listedOnly(origin)]).toEqual([false, false]);
  });

  it("[TP21] is no page whose host only contains a loopback name", () => {
    const word = fc.string({
      unit: fc.constantFrom(..."abcz019.-@:%/#?"),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(loopback, word, fc.boolean(), (origin, more, isBefore) => {
        const look = isBefore ? origin.replace("://", `://${more}`) : origin + more;
        // A port or one more digit of a number is still this machine.
        fc.pre(!/^https?:\/\/(localhost|\[::1\]|127(\.\d+){3})(:\d+)?$/.test(look));
        expect(withLoopback(look)).toBe(false);
      }),
    );
  });
});
