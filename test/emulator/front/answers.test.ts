import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AWS_HEADERS, FrontWorld, JSON_HEADERS, told } from "./front-world.ts";

let world: FrontWorld;
beforeEach(async () => {
  world = await FrontWorld.open();
});
afterEach(() => world[Symbol.asyncDispose]());

const API = { method: "POST", path: "/", headers: AWS_HEADERS, body: "{}" };

describe("an answer", () => {
  it("[EF12] is what the handler gave, as text, bytes or a stream", async () => {
    const bodies = ["täxt", Buffer.from([0, 255]), Readable.from(["a", "b"])];
    const got: Buffer[] = [];
    for (const body of bodies) {
      world.answer = () => ({ status: 201, headers: { "X-Own": "1" }, body });
      const response = await fetch(`${world.front.url}/console`);
      expect([response.status, response.headers.get("x-own")]).toEqual([201, "1"]);
      got.push(Buffer.from(await response.arrayBuffer()));
    }
    expect(got).toEqual([Buffer.from("täxt"), Buffer.from([0, 255]), Buffer.from("ab")]);
  });

  it("[EF12] may be of a promise and without a body", async () => {
    world.answer = async () => ({ status: 204 });
    expect(await world.ask()).toMatchObject({ status: 204, body: "" });
  });

  it("[EF12] forbids a browser to guess, to keep, to frame and to run it, unless its handler knows better", async () => {
    expect((await world.ask()).headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    world.answer = () => ({ status: 200, headers: { "content-security-policy": "default-src a" } });
    const { headers } = await world.ask();
    expect(headers["content-security-policy"]).toBe("default-src a");
  });

  it("[EF12] to HEAD is that to GET without its body", async () => {
    const stream = Readable.from(["never read"]);
    for (const body of ["four", stream]) {
      world.answer = () => ({ status: 200, headers: { "X-Own": "1" }, body });
      const { headers, body: got } = await world.ask({ method: "HEAD" });
      expect([headers["x-own"], got]).toEqual(["1", ""]);
      if (body === "four") expect(headers["content-length"]).toBe("4");
    }
    expect(stream.destroyed).toBe(true);
    expect(world.reached.map(({ request }) => request.method)).toEqual(["GET", "GET"]);
  });

  it("[EF12] shows its first headers at once, also when the stream has nothing to say", async () => {
    const silent = new Readable({ read() {} });
    world.answer = () => ({ status: 200, body: silent });
    const socket = world.connect();
    socket.write(world.bytes({}));
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(told(first.toString()).status).toBe(200);
    socket.destroy();
    await expect.poll(() => silent.destroyed).toBe(true);
  });

  it("[EF12] whose source fails ends the connection, not the emulator", async () => {
    world.answer = () => ({
      status: 200,
      body: new Readable({
        read() {
          this.destroy(new Error("secret"));
        },
      }),
    });
    expect((await world.ask()).body).not.toContain("secret");
    world.answer = () => ({ status: 200, body: "ok" });
    expect((await world.ask()).body).toBe("ok");
  });

  it("[EF12] nobody waits for is thrown away", async () => {
    const stream = Readable.from(["x"]);
    let give = () => {};
    world.answer = () =>
      new Promise((resolve) => {
        give = () => resolve({ status: 200, body: stream });
      });
    const socket = world.connect();
    socket.write(world.bytes({}));
    await expect.poll(() => world.reached.length).toBe(1);
    socket.destroy();
    // Whoever comes later is read later: the end was seen by then.
    const other = world.connect();
    other.write(world.bytes({ path: "/nothing" }));
    await text(other);
    give();
    await expect.poll(() => stream.destroyed).toBe(true);
  });

  it("[EF13] of a handler that throws tells nothing, and the fault is reported", async () => {
    const fault = new Error("secret detail");
    const throwing = [
      () => {
        throw fault;
      },
      () => Promise.reject(fault),
    ];
    for (const answer of throwing) {
      world.answer = answer;
      const api = await world.ask(API);
      expect(api.status).toBe(500);
      expect(api.headers["x-amzn-errortype"]).toBe("InternalServiceException");
      expect(JSON.parse(api.body).__type).toBe("com.amazonaws.gamelift#InternalServiceException");
      const control = await world.ask({
        method: "POST",
        path: "/_fleetroom",
        headers: JSON_HEADERS,
      });
      expect([control.status, Object.keys(JSON.parse(control.body))]).toEqual([500, ["error"]]);
      expect(api.body + control.body).not.toContain("secret");
    }
    expect(world.faults).toEqual([fault, fault, fault, fault]);
  });

  it.each([
    { status: 200, headers: { "X-Bad": "a\r\nb: c" } },
    { status: 99, headers: {} },
  ])("[EF13] that HTTP does not allow ends one connection: %j", async (answer) => {
    world.answer = () => answer;
    expect((await world.ask()).status).toBe(0);
    expect(world.faults).toHaveLength(1);
    world.answer = () => ({ status: 200 });
    expect((await world.ask()).status).toBe(200);
  });

  it("[EF12] comes on one connection after the other", async () => {
    const socket = world.connect();
    let count = 0;
    world.answer = () => ({ status: 200, body: `${++count}` });
    const keep = world.bytes({ ...API, headers: [...AWS_HEADERS, "Connection: keep-alive"] });
    socket.write(keep + keep + world.bytes(API));
    const got = await text(socket);
    expect(got.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(got.match(/\r\n\r\n\d/g)).toEqual(["\r\n\r\n1", "\r\n\r\n2", "\r\n\r\n3"]);
  });

  it("[EF12] of a megabyte arrives whole", async () => {
    const bytes = Buffer.alloc(1_000_000, 7);
    world.answer = () => ({
      status: 200,
      body: Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]),
    });
    const { body } = await fetch(`${world.front.url}/console`);
    expect((await buffer(body!)).equals(bytes)).toBe(true);
  });
});
