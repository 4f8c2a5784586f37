import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { HttpResultSink } from "../../../server/results/http/http-result-sink.ts";
import { describeResultSinkContract, RESULT } from "../../contract/result-sink-contract.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

const never = new AbortController().signal;

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}

let close = () => {};
afterEach(() => close());

/** A receiver of results that answers as the test says. */
async function receiver(answer: (response: ServerResponse, received: Received) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ request, body });
      answer(response, { request, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/results?match=1`;
  const clock = new FakeClock();
  const sink = new HttpResultSink({ url, token: "hunter2", clock });
  return { received, url, clock, sink };
}

const answering = (status: number, headers: Record<string, string> = {}) =>
  receiver((response) => response.writeHead(status, headers).end("an answer"));

describeResultSinkContract("HttpResultSink", async () => {
  const counted = new Map<string, unknown>();
  const { sink } = await receiver((response, { request, body }) => {
    const key = String(request.headers["idempotency-key"]);
    response.statusCode = counted.has(key) ? 409 : 201;
    counted.set(key, JSON.parse(body));
    response.end();
  });
  return { sink, arrived: async () => [...counted.values()] };
});

describe("HttpResultSink", () => {
  it("[RS3] posts JSON with the result's id as key and the token as bearer", async () => {
    const { sink, received } = await answering(204);
    await sink.deliver(RESULT, never);
    const { method, url, headers } = received[0]!.request;
    expect([method, url]).toEqual(["POST", "/results?match=1"]);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "idempotency-key": RESULT.resultId,
      authorization: "Bearer hunter2",
    });
  });

  it("[RS3] sends no authorization without a token", async () => {
    const { url, received } = await answering(200);
    await new HttpResultSink({ url, token: "", clock: new FakeClock() }).deliver(RESULT, never);
    expect(received[0]!.request.headers).not.toHaveProperty("authorization");
  });

  it.each([200, 201, 299, 409])("[RS3] takes %i for delivered", async (status) => {
    const { sink, clock } = await answering(status);
    await sink.deliver(RESULT, never);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([301, 307, 400, 401, 404, 500, 503])(
    "[RS3] takes %i for not delivered, and shows neither token nor address",
    async (status) => {
      const { sink, received, clock } = await answering(status, { location: "/elsewhere" });
      const error: unknown = await sink.deliver(RESULT, never).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toMatch(/hunter2|match=1/);
      expect(received).toHaveLength(1);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it("[RS3] waits for the status only, not for a body without end", async () => {
    const { sink } = await receiver((response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", pour);
      pour();
    });
    await sink.deliver(RESULT, never);
  });

  it("[RS3] gives up a try after 5 s without an answer", async () => {
    const { sink, clock, received } = await receiver(() => {});
    const delivered = sink.deliver(RESULT, never);
    const rejected = expect(delivered).rejects.toThrow("no answer within 5000 ms");
    while (received.length === 0) await settle();
    clock.advance(5_000);
    await rejected;
  });

  it("[RS3] ends with its signal", async () => {
    const { sink, received } = await receiver(() => {});
    const given = new AbortController();
    const rejected = expect(sink.deliver(RESULT, given.signal)).rejects.toThrow();
    while (received.length === 0) await settle();
    given.abort();
    await rejected;
  });
});
