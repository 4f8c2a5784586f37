import type { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { TLSSocket } from "node:tls";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { frameOf } from "../../../protocol/frame.ts";
import { putBack, readDirectly } from "../../../server/transport/direct-reads.ts";
import { TcpWire } from "../../../server/transport/tcp-wire.ts";
import { deafListener } from "../../../server/transport/wire.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { closeSockets, opened, socketPair } from "./socket-pair.ts";

afterEach(closeSockets);

interface Heard {
  readonly near: Socket;
  readonly far: Socket;
  bytes: Buffer;
  /** Those that came as events of the stream. */
  emitted: number;
  readonly events: string[];
}

async function heard(isDirect: boolean): Promise<Heard> {
  const { near, far } = await socketPair();
  const it: Heard = { near, far, bytes: Buffer.alloc(0), emitted: 0, events: [] };
  near.on("data", (chunk: Buffer) => {
    it.emitted += chunk.length;
    it.bytes = Buffer.concat([it.bytes, chunk]);
  });
  near.on("end", () => it.events.push("end"));
  near.on("error", (error: NodeJS.ErrnoException) => it.events.push(`${error.code}`));
  near.on("close", () => it.events.push("close"));
  if (isDirect) {
    const take = (memory: Buffer, bytes: number) => {
      it.bytes = Buffer.concat([it.bytes, memory.subarray(0, bytes)]);
      // It is the reader's to write into.
      memory.fill(0xee, 0, bytes);
    };
    expect(readDirectly(near, { take })).toBe(true);
  }
  return it;
}

describe("a socket that is read directly", () => {
  it("[CP1] emits no data any more, on the Node that this runs on", async () => {
    const it = await heard(true);
    it.far.write("hello");
    await until(() => it.bytes.length === 5);
    it.far.write(" again");
    await until(() => it.bytes.length === 11);
    expect([it.bytes.toString(), it.emitted]).toEqual(["hello again", 0]);
  });

  it("[CP1] gives the bytes that were sent, among others that are read meanwhile", async () => {
    const pieces = fc.array(
      fc.record({ to: fc.nat(2), bytes: fc.uint8Array({ minLength: 1, maxLength: 100_000 }) }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (written) => {
        const all = [await heard(true), await heard(true), await heard(true)];
        const sent = all.map((_, nth) =>
          Buffer.concat(written.filter(({ to }) => to === nth).map(({ bytes }) => bytes)),
        );
        for (const { to, bytes } of written) all[to]?.far.write(bytes);
        await until(() => all.every(({ bytes }, nth) => bytes.length === sent[nth]?.length));
        expect(all.map(({ bytes, emitted }) => [bytes, emitted])).toEqual(
          sent.map((bytes) => [bytes, 0]),
        );
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["its peer ends", (far: Socket) => far.end(), (near: Socket) => near.end()],
    ["its peer resets", (far: Socket) => far.resetAndDestroy(), () => {}],
    ["it is destroyed", () => {}, (near: Socket) => near.destroy()],
  ])("[CP1] tells its end like any other when %s", async (_when, leave, answer) => {
    const ends: string[][] = [];
    for (const isDirect of [false, true]) {
      const it = await heard(isDirect);
      it.far.write("last words");
      await until(() => it.bytes.length === 10);
      leave(it.far);
      if (it.near.destroyed === false && leave.length > 0) await until(() => it.events.length > 0);
      answer(it.near);
      await until(() => it.events.includes("close"));
      ends.push(it.events);
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  it("[CP1] is so from the moment it is accepted, and tells its end without anybody who listens for data", async () => {
    const { near, far } = await socketPair();
    let got = "";
    const events: string[] = [];
    for (const event of ["end", "close"]) near.on(event, () => events.push(event));
    const take = (memory: Buffer, bytes: number) => {
      got += memory.toString("latin1", 0, bytes);
    };
    expect(readDirectly(near, { take })).toBe(true);
    far.write("first");
    await until(() => got === "first");
    far.end();
    await until(() => events.length === 1);
    near.end();
    await until(() => events.length === 2);
    expect([events, near.readableFlowing]).toEqual([["end", "close"], null]);
  });

  it("[CP1] has the reader that it was given last, and put back it emits again, and may be read directly once more", async () => {
    const { near, far } = await socketPair();
    const got: string[] = [];
    const reader = (name: string) => ({
      take: (memory: Buffer, bytes: number) =>
        void got.push(`${name} ${memory.toString("latin1", 0, bytes)}`),
    });
    const said = async (words: string) => {
      const before = got.length;
      far.write(words);
      await until(() => got.length > before);
    };
    readDirectly(near, reader("a"));
    await said("1");
    readDirectly(near, reader("b"));
    await said("2");
    putBack(near, Buffer.from("3"));
    expect(readDirectly(near, reader("too early"))).toBe(false);
    near.on("data", (bytes: Buffer) => got.push(`emitted ${bytes}`));
    await until(() => got.length === 3);
    await said("4");
    expect(readDirectly(near, reader("c"))).toBe(true);
    await said("5");
    expect(got).toEqual(["a 1", "b 2", "emitted 3", "emitted 4", "c 5"]);
  });

  it("[CP1] can be written to while it is read", async () => {
    const { near, far } = await heard(true);
    let echoed = 0;
    far.on("data", (chunk: Buffer) => {
      echoed += chunk.length;
    });
    far.write(Buffer.alloc(300_000));
    near.write(Buffer.alloc(500_000));
    await until(() => echoed === 500_000);
  });
});

describe("a wire over such a socket", () => {
  it("[CP1] hears first what was read before, or put back, and all in order", async () => {
    const { near, far } = await socketPair();
    const messages = Array.from({ length: 500 }, (_, nth) =>
      Buffer.from([10, nth & 255, nth >> 8]),
    );
    const frames = messages.map((message) => frameOf(message));
    far.write(Buffer.concat(frames.slice(0, 20)));
    await new Promise((resolve) => near.once("readable", resolve));
    const seen = near.read() as Buffer;
    near.unshift(seen.subarray(3));
    near.unshift(seen.subarray(0, 3));
    const wire = new TcpWire(near, new FakeClock());
    const got: string[] = [];
    wire.listener = {
      ...deafListener,
      onMessage: (message) => got.push(message.toString("hex")),
    };
    for (const [nth, frame] of frames.slice(20).entries()) {
      far.write(frame);
      if (nth % 11 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => got.length === 500);
    expect(got).toEqual(messages.map((message) => message.toString("hex")));
  });
});

describe("a stream that is no socket of the system", () => {
  it("[CP1] is left as it is, and so is one inside TLS", async () => {
    const [near, far] = duplexPair();
    const { near: below } = await socketPair();
    const secure = new TLSSocket(below, { isServer: true });
    secure.on("error", () => {});
    opened(secure);
    const chunks: string[] = [];
    near.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
    const never = { take: () => expect.unreachable() };
    expect([readDirectly(near, never), readDirectly(secure, never)]).toEqual([false, false]);
    far.write("as ever");
    await until(() => chunks.length === 1);
    expect(chunks).toEqual(["as ever"]);
  });
});
