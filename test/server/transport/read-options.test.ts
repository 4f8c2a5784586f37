import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { readOptions } from "../../../server/transport/matchmake.ts";

type Reading = Awaited<ReturnType<typeof readOptions>> | { threw: unknown };

const MOST = TRANSPORT_LIMITS.bodyBytesMax;
let server: Server;
/** What came of the request under way, and that it came. */
let next = Promise.withResolvers<Reading>();
let begun = Promise.withResolvers<void>();

beforeAll(async () => {
  server = createServer(async (request, response) => {
    begun.resolve();
    request.on("error", () => {});
    const reading: Reading = await readOptions(request).catch((threw: unknown) => ({ threw }));
    next.resolve(reading);
    response.writeHead("status" in reading ? reading.status : 200, { connection: "close" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.closeAllConnections());
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Starts a request whose body the test writes itself. */
function begin(head: string): { socket: Socket; reading: Promise<Reading> } {
  next = Promise.withResolvers();
  begun = Promise.withResolvers();
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n`);
  return { socket, reading: next.promise };
}

async function read(body: string | Buffer): Promise<Reading> {
  const bytes = Buffer.from(body);
  const { socket, reading } = begin(`Content-Length: ${bytes.length}`);
  socket.write(bytes);
  const found = await reading;
  socket.destroy();
  return found;
}

/** Sends a body as chunks of these lengths, the last one repeated. */
async function readChunked(body: string, lengths: readonly number[]): Promise<Reading> {
  const bytes = Buffer.from(body);
  const { socket, reading } = begin("Transfer-Encoding: chunked");
  let chunks = 0;
  for (let at = 0; at < bytes.length; chunks++) {
    const chunk = bytes.subarray(at, at + (lengths[Math.min(chunks, lengths.length - 1)] ?? 1));
    at += chunk.length;
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    socket.write("\r\n");
  }
  socket.write("0\r\n\r\n");
  const found = await reading;
  socket.destroy();
  return found;
}

const MALFORMED = { status: 400, body: { code: 4400 } };
const TOO_LARGE = { status: 413, body: { code: 4400, error: "request too large" } };

/** A JSON object of exactly so many bytes. */
const objectOf = (bytes: number) => `{"a":"${"x".repeat(bytes - 8)}"}`;

describe("the body of a matchmaking request", () => {
  it("[TP25] of any JSON object is read as it is, however it is cut in pieces", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    const keys = fc.string({ unit: "grapheme", maxLength: 10 });
    const object = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(object, cuts, async (value, lengths) => {
        const body = JSON.stringify(value);
        fc.pre(Buffer.byteLength(body) <= MOST && !/__proto__|constructor/.test(body));
        expect(await readChunked(body, lengths)).toEqual({ options: JSON.parse(body) });
      }),
    );
  });

  it("[TP25] that is empty is an empty object", async () => {
    expect(await read("")).toEqual({ options: {} });
    expect(await readChunked("", [1])).toEqual({ options: {} });
  });

  it("[TP25] of any other JSON, or none, is malformed", async () => {
    const other = fc
      .jsonValue()
      .filter((value) => typeof value !== "object" || !value || Array.isArray(value));
    const text = fc.oneof(
      other.map((value) => JSON.stringify(value)),
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("{", "{}{}", "{} x", "\ufeff{}", "{'a':1}", '{"a":1,}', "NaN", "[]", "null"),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        fc.pre(!isObject(body));
        expect(await read(body)).toMatchObject(MALFORMED);
      }),
    );
  });

  it("[TP25] may have 4096 bytes and not one more, told or chunked", async () => {
    expect(await read(objectOf(MOST))).toHaveProperty("options.a");
    expect(await readChunked(objectOf(MOST), [1000])).toHaveProperty("options.a");
    expect(await read(objectOf(MOST + 1))).toEqual(TOO_LARGE);
    expect(await readChunked(objectOf(MOST + 1), [1000])).toEqual(TOO_LARGE);
    // Bytes are counted, not characters.
    expect(await read(`{"a":"${"漢".repeat(MOST / 2)}"}`)).toEqual(TOO_LARGE);
  });

  it.each([[MOST + 1], [20_000_000], [2 ** 53], ["9".repeat(30)]])(
    "[TP25] that is announced with %s bytes is refused before a byte of it was sent",
    async (length) => {
      const { socket, reading } = begin(`Content-Length: ${length}`);
      // Node itself refuses lengths that no number can hold.
      const answer = await Promise.race([
        reading,
        new Promise((resolve) => socket.once("data", (data) => resolve(String(data)))),
      ]);
      if (typeof answer === "string") expect(answer).toMatch(/^HTTP\/1.1 4/);
      else expect(answer).toEqual(TOO_LARGE);
      socket.destroy();
    },
  );

  it("[TP25] that never ends is refused as soon as it is too long", async () => {
    const { socket, reading } = begin("Transfer-Encoding: chunked");
    socket.write(`${(MOST + 1).toString(16)}\r\n${"a".repeat(MOST + 1)}\r\n`);
    expect(await reading).toEqual(TOO_LARGE);
    socket.destroy();
  });

  it("[TP25] loses every key that reaches into prototypes, at any depth, and keeps the rest", async () => {
    const key = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "a", "b");
    const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; list: Tree; object: Tree }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("list"), tie("object")),
      leaf: fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
      list: fc.array(tie("tree"), { maxLength: 3 }),
      object: fc
        .array(fc.tuple(key, tie("tree")), { maxLength: 4 })
        .map((entries) => ({ entries })),
    }));
    const object = fc.array(fc.tuple(key, tree), { maxLength: 5 }).map((entries) => ({ entries }));
    await fc.assert(
      fc.asyncProperty(object, async (value) => {
        const body = textOf(value);
        fc.pre(body.length <= MOST);
        const found = await read(body);
        if (!("options" in found)) throw new Error("not read");
        expect(JSON.stringify(found.options)).toBe(textOf(without(value)));
        expect(Object.getPrototypeOf(found.options)).toBe(Object.prototype);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  it.each([
    ["lists", "[", "]", 0],
    ["objects", '{"a":', "}", 0],
    ["lists that never close", "[", "", 0],
    ["objects that never close", '{"a":', "", 0],
    ["objects in an object", '{"a":', "}", 1],
  ])(
    "[TP25] of %s nested as deep as 4 KB allow is read or malformed, and nothing throws",
    async (_what, open, close, leaf) => {
      const depth = Math.floor((MOST - 8) / (open.length + close.length));
      const body = `${open.repeat(depth)}${leaf}${close.repeat(depth)}`;
      expect(Buffer.byteLength(body)).toBeGreaterThan(MOST - 20);
      const found = await read(body);
      if (close === "}") expect(found).toHaveProperty("options.a.a.a");
      else expect(found).toMatchObject(MALFORMED);
    },
  );

  it("[TP25] that breaks off rejects, and the next request is read", async () => {
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      const { socket, reading } = begin("Content-Length: 100");
      socket.write('{"a":');
      await begun.promise;
      socket[end]();
      expect(await reading).toMatchObject({ threw: { code: "ECONNRESET" } });
      expect(await read('{"a":1}')).toEqual({ options: { a: 1 } });
    }
  });
});

/** JSON with repeated and dangerous keys, which no JavaScript object could hold. */
type Tree = number | boolean | null | Tree[] | { entries: [string, Tree][] };

function textOf(tree: Tree): string {
  if (typeof tree !== "object" || tree === null) return JSON.stringify(tree);
  if (Array.isArray(tree)) return `[${tree.map(textOf).join()}]`;
  return `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join()}}`;
}

/** What JSON.parse makes of repeated keys: the first place, the last value. */
function without(tree: Tree): Tree {
  if (typeof tree !== "object" || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map(without);
  const kept = new Map<string, Tree>();
  for (const [key, value] of tree.entries) {
    if (key !== "__proto__" && key !== "constructor") kept.set(key, without(value));
  }
  return { entries: [...kept] };
}

function isObject(body: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
