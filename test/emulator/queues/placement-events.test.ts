import { readFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isRefused } from "../../../emulator/plane/outcome.ts";
import { FileTarget } from "../../../emulator/queues/file-target.ts";
import type { Fetch } from "../../../emulator/queues/http-target.ts";
import type { PlacementEvent } from "../../../emulator/queues/placement-event.ts";
import { createPlacementEvents } from "../../../emulator/queues/placement-events.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { granted } from "../plane/plane-world.ts";

const TOPIC = "arn:aws:sns:us-west-2:123456789012:placements";
const RESTS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000, 20_000];

const event = (placementId: string): PlacementEvent => ({
  version: "0",
  id: `id-of-${placementId}`,
  "detail-type": "GameLift Queue Placement Event",
  source: "aws.gamelift",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "us-west-2",
  resources: ["arn"],
  detail: { type: "PlacementTimedOut", placementId, startTime: "s", endTime: "e" },
});

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

function deliveringTo(targets: readonly string[], port: Partial<{ fetch: Fetch }> = {}) {
  const clock = new FakeClock();
  const printed: string[] = [];
  const print = (line: string) => printed.push(line);
  const events = granted(createPlacementEvents({ targets, clock, print, fetch, ...port }));
  return { clock, printed, events };
}

/** A network that answers with these statuses one after the other, the last one again and again. */
function scripted(...answers: (number | Error)[]) {
  const posts: { url: string; init: Parameters<Fetch>[1] }[] = [];
  const answering: Fetch = async (url, init) => {
    posts.push({ url, init });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { status: answer ?? 200, body: null };
  };
  return { posts, fetch: answering };
}

/** The real network, and how many posts have had their answer, or the news that there is none. */
function counted() {
  const network = { answers: 0, fetch: post };
  async function post(...args: Parameters<Fetch>): ReturnType<Fetch> {
    try {
      return await fetch(...args);
    } finally {
      network.answers++;
    }
  }
  return network;
}

/** A subscriber on a real port. */
async function subscriber(answer: http.RequestListener) {
  const heard: { headers: http.IncomingHttpHeaders; body: string; method: string | undefined }[] =
    [];
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    heard.push({ headers: request.headers, body, method: request.method });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  toClose.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/placements?key=secret`, heard };
}

/** Turns of the event loop until a socket has brought what is awaited. */
async function until(holds: () => boolean): Promise<void> {
  const givenUpAtMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > givenUpAtMs) throw new Error("it never came");
    await settle();
  }
}

describe("a target of placement events", () => {
  it.each([
    ["http://example.com/events", "on this machine"],
    ["https://10.0.0.1/", "on this machine"],
    ["http://127.0.0.1.example.com/", "on this machine"],
    ["http://me:hidden@127.0.0.1/", "without a user name"],
    ["ftp://127.0.0.1/", "must be console"],
    ["raw+file:a", "must be console"],
    ["file:", "needs a path"],
    ["", "must be console"],
  ])("[EQ50] is refused as %j", (target, why) => {
    const options = { clock: new FakeClock(), print: () => {}, fetch };
    const outcome = createPlacementEvents({ ...options, targets: ["console", target] });
    if (!isRefused(outcome)) throw new Error("it was taken");
    expect(outcome.message).toContain(why);
    expect(outcome.message).not.toContain("hidden");
  });

  it("[EQ50] is one of ten at most, and none is fine", () => {
    const options = { clock: new FakeClock(), print: () => {}, fetch };
    const make = (targets: string[]) => isRefused(createPlacementEvents({ ...options, targets }));
    expect(make(Array(10).fill("console"))).toBe(false);
    expect(make(Array(11).fill("console"))).toBe(true);
    expect(make([])).toBe(false);
    expect(make(["http://localhost:1/", "https://[::1]:1/", "raw+http://127.0.0.2/"])).toBe(false);
  });

  it("[EQ51] on the console is a line of JSON for each event", () => {
    const { events, printed } = deliveringTo(["console"]);
    events.deliver(event("a"), TOPIC);
    expect(printed.map((line) => JSON.parse(line))).toEqual([event("a")]);
    expect(events.counts).toEqual({ delivered: 1, lost: 0 });
  });

  it("[EQ51] in a file is a line of JSON for each event, in order, written before the end", async () => {
    const file = path.join(tmpdir(), `placement-events-${process.pid}-${Date.now()}.jsonl`);
    const { events } = deliveringTo([`file:${file}`]);
    const names = Array.from({ length: 50 }, (_, index) => `placement-${index}`);
    for (const name of names) events.deliver(event(name), TOPIC);
    await events.close();
    const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
    expect(lines.map((line) => JSON.parse(line))).toEqual(names.map(event));
    expect(events.counts).toEqual({ delivered: 50, lost: 0 });
  });

  it("[EQ52] in a file that cannot be written loses, counts and tells, and goes on", async () => {
    const printed: string[] = [];
    let isBroken = true;
    const written: string[] = [];
    const target = new FileTarget({
      path: "events.jsonl",
      print: (line) => printed.push(line),
      append: async (_path, text) => {
        if (isBroken) throw new Error("disk full");
        written.push(text);
      },
    });
    for (let count = 0; count < 1_002; count++) target.deliver(event(`a-${count}`));
    await target.close();
    // The first is being written while a thousand wait, and the last finds no room.
    expect(target.counts).toEqual({ delivered: 0, lost: 1_002 });
    expect(printed).toEqual([
      "placement events lost: 1, events.jsonl could not be written: disk full",
      "placement events lost: 1000, events.jsonl could not be written: disk full",
    ]);
    isBroken = false;
    target.deliver(event("b"));
    await target.close();
    expect(written).toHaveLength(1);
    expect(target.counts).toEqual({ delivered: 1, lost: 1_002 });
  });
});

describe("an HTTP subscriber", () => {
  it("[EQ53] gets a POST with the headers and the envelope of SNS, over a real socket", async () => {
    const { url, heard } = await subscriber((_request, response) => response.end("thanks"));
    const { events, clock, printed } = deliveringTo([url]);
    events.deliver(event("a"), TOPIC);
    await until(() => events.counts.delivered === 1);
    expect(heard[0]).toMatchObject({
      method: "POST",
      headers: {
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": "id-of-a",
        "x-amz-sns-topic-arn": TOPIC,
      },
    });
    expect(heard[0]?.headers).not.toHaveProperty("x-amz-sns-rawdelivery");
    const body = JSON.parse(heard[0]?.body ?? "");
    expect(body).toMatchObject({ Type: "Notification", TopicArn: TOPIC });
    expect(JSON.parse(body.Message)).toEqual(event("a"));
    await events.close();
    expect(clock.pendingTimers).toBe(0);
    expect(printed).toEqual([]);
  });

  it("[EQ53] gets the event alone when it asks for raw messages", async () => {
    const { url, heard } = await subscriber((_request, response) => response.end());
    const { events } = deliveringTo([`raw+${url}`]);
    events.deliver(event("a"), "");
    await until(() => events.counts.delivered === 1);
    expect(JSON.parse(heard[0]?.body ?? "")).toEqual(event("a"));
    expect(heard[0]?.headers).toMatchObject({
      "x-amz-sns-rawdelivery": "true",
      "x-amz-sns-topic-arn": "arn:aws:sns:us-west-2:123456789012:placement-events",
    });
  });

  it("[EQ54] that fails, or is not there yet, gets the same message again after a rest", async () => {
    let count = 0;
    const { url, heard } = await subscriber((request, response) => {
      count++;
      if (count === 1) request.socket.destroy();
      else response.writeHead(count === 2 ? 503 : 204).end();
    });
    const network = counted();
    const { events, clock, printed } = deliveringTo([url], network);
    events.deliver(event("a"), TOPIC);
    await until(() => network.answers === 1);
    await clock.advanceAsync(1_000);
    await until(() => network.answers === 2);
    await clock.advanceAsync(2_000);
    await until(() => events.counts.delivered === 1);
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
    expect(heard).toHaveLength(3);
    expect(printed).toEqual([]);
  });

  it("[EQ54] is tried ten times with rests that grow, then the event is lost", async () => {
    const { posts, fetch: broken } = scripted(
      new Error("fetch failed", { cause: { code: "ECONNREFUSED" } }),
    );
    const { events, clock, printed } = deliveringTo(["http://localhost:9/p?key=secret"], {
      fetch: broken,
    });
    events.deliver(event("a"), TOPIC);
    await settle();
    for (const [index, restMs] of RESTS_MS.entries()) {
      await clock.advanceAsync(restMs - 1);
      expect(posts).toHaveLength(index + 1);
      await clock.advanceAsync(1);
    }
    expect(posts).toHaveLength(10);
    expect(events.counts).toEqual({ delivered: 0, lost: 1 });
    expect(printed).toEqual([
      "placement event lost: PlacementTimedOut of a did not reach http://localhost:9/p: 10 tries, ECONNREFUSED",
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [[200], 1, { delivered: 1, lost: 0 }],
    [[299], 1, { delivered: 1, lost: 0 }],
    [[429, 200], 2, { delivered: 1, lost: 0 }],
    [[500, 200], 2, { delivered: 1, lost: 0 }],
    [[301], 1, { delivered: 0, lost: 1 }],
    [[400], 1, { delivered: 0, lost: 1 }],
    [[404], 1, { delivered: 0, lost: 1 }],
  ])("[EQ55] that answers %j is asked %i times", async (answers, tries, counts) => {
    const { posts, fetch: answering } = scripted(...answers);
    const { events, clock } = deliveringTo(["http://localhost:9/"], { fetch: answering });
    events.deliver(event("a"), TOPIC);
    await clock.advanceAsync(1_000);
    expect(posts).toHaveLength(tries);
    expect(events.counts).toEqual(counts);
    expect(posts[0]?.init.redirect).toBe("manual");
    expect(clock.pendingTimers).toBe(0);
  });

  it("[EQ56] that never answers is given up after 15 s, and tried again", async () => {
    const { url, heard } = await subscriber(() => {});
    const network = counted();
    const { events, clock, printed } = deliveringTo([url], network);
    events.deliver(event("a"), TOPIC);
    await until(() => heard.length === 1);
    await clock.advanceAsync(14_999);
    expect(network.answers).toBe(0);
    await clock.advanceAsync(1);
    await until(() => network.answers === 1);
    await clock.advanceAsync(1_000);
    await until(() => heard.length === 2);
    const closed = events.close();
    await clock.advanceAsync(2_000);
    await closed;
    expect(events.counts).toEqual({ delivered: 0, lost: 1 });
    expect(printed).toEqual([expect.stringContaining("the emulator ends")]);
    await until(() => network.answers === 2);
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[EQ57] is sent eight at a time, has a thousand on their way, and the rest is lost", async () => {
    let inFlight = 0;
    let highest = 0;
    const answers: (() => void)[] = [];
    const slow: Fetch = () => {
      highest = Math.max(highest, ++inFlight);
      return new Promise((resolve) =>
        answers.push(() => {
          inFlight--;
          resolve({ status: 200, body: null });
        }),
      );
    };
    const { events, printed } = deliveringTo(["http://localhost:9/"], { fetch: slow });
    for (let count = 0; count < 1_001; count++) events.deliver(event(`a-${count}`), TOPIC);
    expect(events.counts.lost).toBe(1);
    expect(printed[0]).toContain("too many are on their way");
    while (answers.length > 0) {
      answers.shift()?.();
      await settle();
    }
    expect(highest).toBe(8);
    expect(events.counts).toEqual({ delivered: 1_000, lost: 1 });
  });

  it("[EQ58] hears at the end what is on its way, not what rests, and nothing after it", async () => {
    const answers: ((status: number) => void)[] = [];
    const open: Fetch = () =>
      new Promise((resolve) => answers.push((status) => resolve({ status, body: null })));
    const { events, clock, printed } = deliveringTo(["http://localhost:9/"], { fetch: open });
    for (const name of ["rests", "arrives", "fails"]) events.deliver(event(name), TOPIC);
    answers[0]?.(500);
    await settle();
    const closed = events.close();
    answers[1]?.(200);
    answers[2]?.(500);
    await closed;
    events.deliver(event("late"), TOPIC);
    expect(events.counts).toEqual({ delivered: 1, lost: 3 });
    expect(printed.map((line) => line.match(/of (\w+) did/)?.[1])).toEqual([
      "rests",
      "fails",
      "late",
    ]);
    expect(clock.pendingTimers).toBe(0);
  });
});
