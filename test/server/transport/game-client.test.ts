import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { CLOSE_CODES } from "../../../protocol/close-codes.ts";
import { frameOf } from "../../../protocol/frame.ts";
import { GameClient } from "../../../server/transport/game-client.ts";
import { type ClientPair, clientPair, closeOf, exchanged, QUEUE, tcpPair } from "./client-pair.ts";

/** Opcodes of docs/PROTOCOL.md. */
const OPCODES = [10, 12, 13, 17, 18, 19, 21];
const CLOSED = 3;

const ACKNOWLEDGEMENT = 10;

describe("a message", () => {
  it("[TP24] with an opcode of the protocol in its low five bits reaches the room as it is", async () => {
    const { peer, heard, ends } = await clientPair();
    const firstBytes = OPCODES.flatMap((code) =>
      [0, 32, 64, 96, 128, 160, 192, 224].map((b) => b + code),
    );
    for (const first of firstBytes) peer.send(Uint8Array.of(first, 1, 2, first));
    await exchanged();
    // An acknowledgement is told in the door's own words.
    const told = firstBytes.map((b) => (b % 32 === ACKNOWLEDGEMENT ? [10] : [b, 1, 2, b]));
    expect(heard.map((message) => [...message])).toEqual(told);
    expect(ends).toEqual([]);
  });

  const others = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => !OPCODES.includes(byte % 32),
  );
  it("[TP24] with any other first byte, or none, closes its client with 4400 and is not heard", async () => {
    for (const bytes of [[], ...others.map((byte) => [byte, 0])]) {
      const { peer, heard, ends, closed } = await clientPair();
      peer.send(Uint8Array.from(bytes));
      expect([bytes, (await closed).code]).toEqual([bytes, 4400]);
      expect([heard, ends]).toEqual([[], [4400]]);
    }
  });

  it("[TP24] that makes the room's code throw closes its client with 4414, told once", async () => {
    const { client, peer, heard, faults, ends, roomCloses, closed } = await clientPair();
    const fault = new Error("in the game");
    client.ref.on("message", () => {
      throw fault;
    });
    peer.send(Uint8Array.of(17, 1));
    peer.send(Uint8Array.of(17, 2));
    expect(await closed).toEqual({ code: 4414, reason: "message_failed" });
    expect(faults).toEqual([fault]);
    expect(heard).toHaveLength(1);
    expect([ends, roomCloses]).toEqual([[4414], [4414]]);
  });

  it("[TP24] is not heard after the end, though the peer has not seen it yet", async () => {
    const { client, peer, heard, ends } = await clientPair();
    client.ref.once("message", () => client.end(4411));
    for (let count = 0; count < 5; count++) peer.send(Uint8Array.of(17, count));
    await exchanged();
    expect(heard.map((message) => message[1])).toEqual([0]);
    expect(ends).toEqual([4411]);
  });
});

describe("what a room keeps of a message", () => {
  it("[CP2] stays as it is, whatever becomes of the memory that it came in", async () => {
    const { far, heard } = tcpPair();
    const messages = [1, 2, 3].map((value) => Buffer.of(17, ...Buffer.alloc(9, value)));
    const chunk = Buffer.concat(messages.map((message) => frameOf(message)));
    far.write(chunk);
    await exchanged();
    chunk.fill(0xee);
    // One that comes in two chunks, and another that the reader puts into the same place.
    for (const bytes of [
      [2, 0, 0, 0, 17],
      [4, 2, 0, 0, 0, 18],
    ])
      far.write(Buffer.from(bytes));
    far.write(Buffer.of(5));
    await exchanged();
    const told = messages.map((message) => message.toString("hex"));
    expect(heard.map((message) => message.toString("hex"))).toEqual([...told, "1104", "1205"]);
  });
});

describe("the end of a connection", () => {
  it("[TP31] is told once, at once, with the code of whoever ended it first", async () => {
    const { client, stream, ends, roomCloses, closed } = await clientPair();
    client.end(4413);
    expect([ends, roomCloses, client.readyState]).toEqual([[4413], [4413], CLOSED]);
    const queued = stream.writableLength;
    client.end(4412);
    client.leave(4000);
    client.raw(Uint8Array.of(1));
    expect(stream.writableLength).toBe(queued);
    expect(await closed).toEqual({ code: 4413, reason: "server_drained" });
    await exchanged();
    expect([ends, roomCloses]).toEqual([[4413], [4413]]);
  });

  it("[TP31] by the peer has the peer's code", async () => {
    const { client, peer, ends, roomCloses } = await clientPair();
    peer.close(4000);
    await exchanged();
    expect([ends, roomCloses, client.readyState]).toEqual([[4000], [4000], CLOSED]);
  });

  it("[TP31] without a word is 1006", async () => {
    const { stream, ends, roomCloses } = await clientPair();
    stream.destroy(new Error("reset"));
    await exchanged();
    expect([ends, roomCloses]).toEqual([[1006], [1006]]);
  });

  it("[TP31] that a room asks for waits for the peer, and gives our codes their names", async () => {
    for (const [code, { name }] of Object.entries(CLOSE_CODES)) {
      const { client, ends, closed } = await clientPair();
      client.leave(Number(code));
      expect(ends).toEqual([]);
      expect(await closed).toEqual({ code: Number(code), reason: name });
      await exchanged();
      expect(ends).toEqual([Number(code)]);
    }
  });

  it("[TP31] takes any words of a room, as many as a close frame has room for", async () => {
    const words = fc.string({
      unit: fc.oneof(fc.constantFrom("a", "ü", "漢", "🎮", "\ud800")),
      maxLength: 130,
      size: "max",
    });
    await fc.assert(
      fc.asyncProperty(words, async (reason) => {
        const { client, closed } = await clientPair();
        client.leave(4321, reason);
        const told = await closed;
        expect(told.code).toBe(4321);
        expect(reason.toWellFormed().startsWith(told.reason)).toBe(true);
        const bytes = Buffer.byteLength(reason);
        const wanted = bytes <= 123 ? bytes : 120;
        expect(Buffer.byteLength(told.reason)).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });
});

describe("a reconnection token", () => {
  const short = fc.string({ unit: fc.constantFrom(..."abcXYZ019_-"), maxLength: 21 });
  const long = fc.string({ unit: fc.constantFrom(..."abcXYZ019_-"), minLength: 22, maxLength: 64 });

  it("[TP32] has 128 random bits whatever short one Colyseus assigns, another each time", async () => {
    const { client } = await clientPair();
    const tokens = new Set<string>();
    fc.assert(
      fc.property(short, (assigned) => {
        client.reconnectionToken = assigned;
        const token = client.reconnectionToken;
        expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(Buffer.from(token, "base64url")).toHaveLength(16);
        expect(token).not.toBe(assigned);
        expect(client.reconnectionToken).toBe(token);
        expect(tokens.has(token)).toBe(false);
        tokens.add(token);
      }),
    );
  });

  it("[TP32] of ours is handed on as it is", async () => {
    const [old, fresh] = [await clientPair(), await clientPair()];
    fc.assert(
      fc.property(short, long, (assigned, whole) => {
        fresh.client.reconnectionToken = assigned;
        old.client.reconnectionToken = fresh.client.reconnectionToken;
        expect(old.client.reconnectionToken).toBe(fresh.client.reconnectionToken);
        old.client.reconnectionToken = whole;
        expect(old.client.reconnectionToken).toBe(whole);
      }),
    );
  });
});

describe("what is sent", () => {
  /** Every buffer that is written to the streams of `pairs` from now on. */
  function written(pairs: readonly { stream: NodeJS.WritableStream }[]): Buffer[][] {
    return pairs.map(({ stream }) => {
      const buffers: Buffer[] = [];
      const write = stream.write.bind(stream) as (chunk: Buffer, done?: () => void) => boolean;
      vi.spyOn(stream, "write").mockImplementation(((chunk: Buffer, done?: () => void) => {
        buffers.push(chunk);
        return write(chunk, done);
      }) as typeof stream.write);
      return buffers;
    });
  }

  it("[TP28] to many is framed once, also where others get something else in between", async () => {
    const pairs = [await clientPair(), await clientPair(), await clientPair(), await clientPair()];
    const buffers = written(pairs);
    const patch = Uint8Array.of(15, 1, 2, 3);
    for (const [at, { client }] of pairs.entries()) {
      client.raw(at % 2 === 0 ? patch : Uint8Array.of(15, at));
    }
    await exchanged();
    expect(buffers.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(buffers[2]?.[0]).toBe(buffers[0]?.[0]);
    expect(pairs.map(({ got }) => got)).toEqual(
      [patch, [15, 1], patch, [15, 3]].map((each) => [Buffer.from(each)]),
    );
  });

  it("[SD1] in one turn goes out in one write, and is copied together once for all", async () => {
    const pairs = [await clientPair(), await clientPair()];
    const buffers = written(pairs);
    const messages = Array.from({ length: 5 }, (_, at) => new Uint8Array(100).fill(at + 1));
    for (const message of messages) for (const { client } of pairs) client.raw(message);
    expect(buffers).toEqual([[], []]);
    await exchanged();
    expect(buffers.map(({ length }) => length)).toEqual([1, 1]);
    expect(buffers[0]?.[0]).toBe(buffers[1]?.[0]);
    for (const { client } of pairs) client.raw(messages[0] ?? new Uint8Array());
    pairs[1]?.client.raw(Uint8Array.of(13, 9));
    await exchanged();
    expect(buffers.map(({ length }) => length)).toEqual([2, 2]);
    for (const { got } of pairs)
      expect(got.slice(0, 5)).toEqual(messages.map((m) => Buffer.from(m)));
    expect(pairs[0]?.got).toHaveLength(6);
    expect(pairs[1]?.got.at(-1)).toEqual(Buffer.of(13, 9));
  });

  it("[SD1] in one turn arrives in its order, whatever its sizes, before the close", async () => {
    const sizes = fc.array(fc.constantFrom(1, 100, 2_000, 40_000, 80_000), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(sizes, { maxLength: 3 }), fc.boolean(), async (turns, isTcp) => {
        const tcp = isTcp ? tcpPair() : undefined;
        const pair = tcp ?? (await clientPair());
        const sent: Buffer[] = [];
        for (const turn of turns) {
          for (const size of turn) {
            const message = Buffer.alloc(size, sent.length + 10);
            sent.push(message);
            pair.client.raw(message);
          }
          await exchanged();
        }
        const last = Buffer.of(13, 1);
        pair.client.raw(last);
        pair.client.leave(4000);
        await exchanged();
        expect(pair.got.slice(0, sent.length + 1)).toEqual([...sent, last]);
        expect(tcp ? closeOf(tcp.got) : (await (pair as ClientPair).closed).code).toBe(4000);
      }),
      { numRuns: 30 },
    );
  });

  it("[SD1] goes out at once when the room says that its tick is over", async () => {
    const { client, stream, got } = await clientPair();
    const buffers = written([{ stream }]);
    client.raw(Uint8Array.of(15, 1));
    client.raw(Uint8Array.of(13, 2));
    client.flush();
    expect(buffers[0]).toHaveLength(1);
    await exchanged();
    expect(buffers[0]).toHaveLength(1);
    expect(got).toEqual([Buffer.of(15, 1), Buffer.of(13, 2)]);
  });

  it("[TP28] out of memory that is written again at once is what it held at each moment", async () => {
    const pairs = [await clientPair(), await clientPair()];
    const memory = Uint8Array.of(15, 0);
    for (const value of [1, 2, 2, 3, 1]) {
      memory[1] = value;
      for (const { client } of pairs) client.raw(memory);
    }
    await exchanged();
    for (const { got } of pairs) expect(got.map((message) => message[1])).toEqual([1, 2, 2, 3, 1]);
  });

  it("[TP28] to a client that does not read is queued up to 256 KB, then closes it with 4415", async () => {
    const { client, peer, stream, got, ends, roomCloses, closed } = await clientPair();
    peer.pause();
    await exchanged();
    const payload = (number: number) => new Uint8Array(60_000).fill(number);
    let sent = 0;
    while (client.readyState !== CLOSED && sent < 100) client.raw(payload(++sent));
    // The one that found the queue too long was not sent.
    sent--;
    expect(stream.writableLength).toBeGreaterThan(QUEUE.bytesMax);
    expect(stream.writableLength).toBeLessThan(QUEUE.bytesMax + 60_100);
    expect([ends, roomCloses]).toEqual([[4415], [4415]]);
    const queued = stream.writableLength;
    for (let more = 0; more < 10; more++) client.raw(payload(99));
    expect(stream.writableLength).toBe(queued);
    peer.resume();
    expect(await closed).toEqual({ code: 4415, reason: "too_slow" });
    expect(got.map((message) => message[0])).toEqual(
      Array.from({ length: sent }, (_, at) => at + 1),
    );
  });

  it("[TP28] is told as sent once it was taken", async () => {
    const { client, peer } = await clientPair();
    peer.pause();
    await exchanged();
    const told: number[] = [];
    client.raw(new Uint8Array(10), undefined, () => told.push(1));
    client.raw(new Uint8Array(100_000), undefined, () => told.push(2));
    expect(told).toEqual([]);
    peer.resume();
    await exchanged();
    expect(told).toEqual([1, 2]);
  });

  it("[TP28] before and after what ws itself sends arrives in order", async () => {
    const { client, got, peer } = await clientPair();
    expect(client).toBeInstanceOf(GameClient);
    const order: string[] = [];
    peer.on("message", (data: Buffer) => order.push(`message ${data[0]}`));
    peer.on("pong", () => order.push("pong"));
    client.raw(Uint8Array.of(1));
    await exchanged();
    peer.ping();
    await exchanged();
    client.raw(Uint8Array.of(2));
    client.leave(4000);
    await exchanged();
    expect(order).toEqual(["message 1", "pong", "message 2"]);
    expect(got).toHaveLength(2);
  });
});
