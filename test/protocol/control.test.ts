import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CLIENT_VERSION_CHARS_MAX,
  Control,
  decodeClose,
  decodeHello,
  decodeNonce,
  decodeSeat,
  encodeClose,
  encodeHello,
  encodeNonce,
  encodeSeat,
  type Hello,
  PROTOCOL_VERSION,
} from "../../protocol/control.ts";

const text = (minLength: number, maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    minLength,
    maxLength,
  });
const hello: fc.Arbitrary<Hello> = fc.record({
  protocolVersion: fc.constant(PROTOCOL_VERSION),
  kind: fc.constantFrom(1 as const, 2 as const, 3 as const),
  credential: text(1, 256),
  clientVersion: text(0, CLIENT_VERSION_CHARS_MAX),
  options: fc.uint8Array({ maxLength: 100 }),
});

describe("control messages", () => {
  it("[WR4] come out as they went in", () => {
    const expectSame = <T>(arbitrary: fc.Arbitrary<T>, again: (each: T) => unknown) => {
      const property = fc.property(arbitrary, (each) => {
        expect(again(each)).toEqual(each);
      });
      fc.assert(property);
    };
    expectSame(hello, (each) => decodeHello(encodeHello(each)));
    const seat = { protocolVersion: fc.nat(255), seat: fc.nat(0xffff), sessionId: text(0, 255) };
    expectSame(fc.record(seat), (each) => decodeSeat(encodeSeat(each)));
    const close = { code: fc.nat(0xffff), reason: text(0, 123) };
    expectSame(fc.record(close), ({ code, reason }) => decodeClose(encodeClose(code, reason)));
    for (const control of [Control.PING, Control.PONG] as const) {
      expectSame(fc.nat(0xffff_ffff), (nonce) => decodeNonce(control, encodeNonce(control, nonce)));
    }
  });

  it("[WR4] have the layout that is drawn", () => {
    const bytes = encodeHello({
      protocolVersion: 1,
      kind: 1,
      credential: "psess-1",
      clientVersion: "2.0",
      options: Uint8Array.of(0x7b, 0x7d),
    });
    expect(Buffer.from(bytes).toString("hex")).toBe("01010107007073657373" + "2d3103322e307b7d");
    expect([...encodeSeat({ protocolVersion: 1, seat: 258, sessionId: "ab" })]).toEqual([
      ...[2, 1, 2, 1, 2, 0x61, 0x62],
    ]);
    expect([...encodeClose(4401, "no")]).toEqual([3, 0x31, 0x11, 0x6e, 0x6f]);
    expect([...encodeNonce(Control.PING, 0x01020304)]).toEqual([4, 4, 3, 2, 1]);
  });

  it("[WR5] that are cut off, altered or no such thing are nothing, and never throw", () => {
    const decoders = [
      decodeHello,
      decodeSeat,
      decodeClose,
      (bytes: Uint8Array) => decodeNonce(Control.PING, bytes),
      (bytes: Uint8Array) => decodeNonce(Control.PONG, bytes),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const decode of decoders) decode(bytes);
      }),
    );
    fc.assert(
      fc.property(hello, fc.nat(), (each, cut) => {
        const bytes = encodeHello({ ...each, options: new Uint8Array(0) });
        expect(decodeHello(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
      }),
    );
  });

  it("[WR5] never hold what is no printable text", () => {
    fc.assert(
      fc.property(
        hello,
        fc.nat(),
        fc.oneof(fc.nat(0x1f), fc.integer({ min: 0x7f, max: 0xff })),
        (each, at, byte) => {
          const bytes = encodeHello(each);
          bytes[5 + (at % each.credential.length)] = byte;
          expect(decodeHello(bytes)).toBeUndefined();
        },
      ),
    );
    const unprintable = fc.constantFrom("ü", "\n", "\u2028", "🎮", "\x7f");
    fc.assert(
      fc.property(unprintable, (char) => {
        expect(() => encodeClose(4400, char)).toThrow(RangeError);
      }),
    );
  });

  it("[WR6] of another protocol version say only which", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        fc.integer({ min: 2, max: 255 }),
        (rest, version) => {
          expect(decodeHello(Uint8Array.from([1, version, ...rest]))).toEqual({
            otherVersion: version,
          });
        },
      ),
    );
  });
});
