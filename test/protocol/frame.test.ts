import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BadFrame, FrameReader, frameOf, PREAMBLE } from "../../protocol/frame.ts";

const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });

/** Feeds a stream cut at the given places. */
function read(reader: FrameReader, stream: Uint8Array, cuts: readonly number[]) {
  const payloads: number[][] = [];
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, stream.length]) {
    const bad = reader.push(stream.subarray(from, to), (each) => {
      payloads.push([...each]);
      return true;
    });
    if (bad !== undefined) return { payloads, bad };
    from = to;
  }
  return { payloads, bad: undefined };
}

describe("a stream of frames", () => {
  it("[WR1] gives the same payloads however it is cut into chunks", () => {
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (payloads, cuts) => {
          const stream = Uint8Array.from(payloads.flatMap((each) => [...frameOf(each)]));
          const reader = new FrameReader(300);
          expect(read(reader, stream, cuts)).toEqual({
            payloads: payloads.map((each) => [...each]),
            bad: undefined,
          });
          expect(reader.isInsideFrame).toBe(false);
        },
      ),
    );
  });

  it("[WR1] gives them also byte by byte", () => {
    const payloads = [[1], [2, 3], Array.from({ length: 300 }, (_, at) => at & 0xff)];
    const stream = Uint8Array.from(payloads.flatMap((each) => [...frameOf(Uint8Array.from(each))]));
    const cuts = Array.from(stream, (_, at) => at);
    expect(read(new FrameReader(300), stream, cuts).payloads).toEqual(payloads);
  });

  it("[WR2] with a length of nothing or too much ends there, before a byte of it is kept", () => {
    const length = fc.oneof(fc.constant(0), fc.integer({ min: 301, max: 0xffff_ffff }));
    fc.assert(
      fc.property(payload, length, fc.array(fc.nat(), { maxLength: 9 }), (good, bytes, cuts) => {
        const header = new Uint8Array(4);
        new DataView(header.buffer).setUint32(0, bytes, true);
        const stream = Uint8Array.from([...frameOf(good), ...header]);
        expect(read(new FrameReader(300), stream, cuts)).toEqual({
          payloads: [[...good]],
          bad: { announcedBytes: bytes } satisfies BadFrame,
        });
      }),
    );
  });

  it("[WR2] that stops inside a frame says so, and any bytes at all are read without a throw", () => {
    const reader = new FrameReader(300);
    reader.push(frameOf(Uint8Array.of(1, 2, 3)).subarray(0, 5), () => true);
    expect(reader.isInsideFrame).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.array(fc.nat()), (bytes, cuts) => {
        for (const each of read(new FrameReader(300), bytes, cuts).payloads) {
          expect(each.length).toBeGreaterThan(0);
          expect(each.length).toBeLessThanOrEqual(300);
        }
      }),
    );
  });

  it("[WR2] is not read further once its reader has had enough", () => {
    const stream = Uint8Array.from([...frameOf(Uint8Array.of(1)), ...frameOf(Uint8Array.of(2))]);
    const seen: number[][] = [];
    new FrameReader(300).push(stream, (each) => {
      seen.push([...each]);
      return false;
    });
    expect(seen).toEqual([[1]]);
  });

  it("[WR3] begins with bytes that begin neither HTTP nor TLS", () => {
    expect(PREAMBLE).toEqual([0xc5, 0x46, 0x4c, 0x52]);
    expect([...frameOf(Uint8Array.of(7, 8))]).toEqual([2, 0, 0, 0, 7, 8]);
  });
});
