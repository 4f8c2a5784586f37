import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { GAMELIFT_API_LIMITS } from "../../../../server/fleet/gamelift-api/limits.ts";
import {
  type ApiAnswer,
  describing,
  refuse,
  say,
  sayText,
} from "../../../support/aws-json-endpoint.ts";
import { settle } from "../../../support/fake-clock.ts";
import { described, never, readerWith, rejection, SECRETS, until } from "./api-world.ts";

const works = describing([described("psess-a")]);

/** The first call goes wrong, the others do not. */
const atFirst =
  (fault: (response: ServerResponse) => void): ApiAnswer =>
  (response, request, at) =>
    at === 0 ? fault(response) : works(response, request, at);

const cut = (response: ServerResponse) => void response.socket?.destroy();

const passing: [string, (response: ServerResponse) => void][] = [
  ["ThrottlingException", (response) => refuse(response, "ThrottlingException")],
  ["LimitExceededException", (response) => refuse(response, "LimitExceededException")],
  ["TooManyRequestsException", (response) => refuse(response, "TooManyRequestsException")],
  ["429", (response) => sayText(response, 429, "slower")],
  ["500", (response) => refuse(response, "InternalServiceException", { status: 500 })],
  ["503 in HTML", (response) => sayText(response, 503, "<html></html>")],
  ["a cut connection", cut],
];

const final: [string, (response: ServerResponse) => void, code: string][] = [
  ["400", (response) => refuse(response, "ConflictException"), "FLEET_UNREACHABLE"],
  ["404", (response) => sayText(response, 404, "{}"), "FLEET_UNREACHABLE"],
  ["UnauthorizedException", (r) => refuse(r, "UnauthorizedException"), "FLEET_API_DENIED"],
  ["AccessDeniedException", (r) => refuse(r, "AccessDeniedException"), "FLEET_API_DENIED"],
  ["wrong JSON", (response) => sayText(response, 200, '{"PlayerSessions":['), "FLEET_UNREACHABLE"],
  ["no list", (response) => say(response, { PlayerSessions: "psess" }), "FLEET_UNREACHABLE"],
  ["no token", (response) => say(response, { NextToken: { a: 1 } }), "FLEET_UNREACHABLE"],
  [
    "a long token",
    (response) => say(response, { NextToken: "x".repeat(1025) }),
    "FLEET_UNREACHABLE",
  ],
];

describe("GameLiftApiReader, when a call goes wrong", () => {
  it.each(passing)("[GA4] tries once more after %s, after a rest", async (_, fault) => {
    const { describe, endpoint, clock, resting } = await readerWith(atFirst(fault));
    const records = describe();
    await resting();
    await clock.advanceAsync(199);
    expect(endpoint.requests).toHaveLength(1);
    clock.advance(1);
    expect(await records).toHaveLength(1);
    expect(endpoint.requests).toHaveLength(2);
  });

  it.each(passing)("[GA4] gives up after %s twice", async (_, fault) => {
    const { describe, endpoint, clock, resting } = await readerWith(fault);
    const failed = rejection(describe());
    await resting();
    clock.advance(200);
    expect(await failed).toMatchObject({ name: "GameServerError", code: "FLEET_UNREACHABLE" });
    expect(endpoint.requests).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [0, 100],
    [0.995, 299],
  ])("[GA4] rests by chance: %d of it leads to %i ms", async (random, ms) => {
    const { describe, clock, resting } = await readerWith(atFirst(cut), { random });
    const records = describe();
    await resting();
    clock.advance(ms - 1);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(await records).toHaveLength(1);
  });

  it.each(final)("[GA4] asks once after %s", async (_, fault, code) => {
    const { describe, endpoint, clock } = await readerWith(fault);
    expect(await rejection(describe())).toMatchObject({ name: "GameServerError", code });
    expect(endpoint.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA4] asks no more often for what the environment says to the AWS SDK", async () => {
    const environment = { ...process.env };
    process.env["AWS_MAX_ATTEMPTS"] = "5";
    process.env["AWS_RETRY_MODE"] = "adaptive";
    process.env["AWS_DEFAULTS_MODE"] = "of no kind";
    try {
      const { describe, endpoint, clock, resting } = await readerWith(atFirst(cut));
      const records = describe();
      await resting();
      clock.advance(200);
      expect(await records).toHaveLength(1);
      expect(endpoint.requests).toHaveLength(2);
    } finally {
      process.env = environment;
    }
  });

  it("[GA3] pays for the second try", async () => {
    const { describe, endpoint, clock, resting } = await readerWith(cut, { callsPerSecond: 1 });
    const asked = Array.from({ length: 5 }, () => rejection(describe()));
    await resting(5);
    await clock.advanceAsync(999);
    expect(endpoint.requests).toHaveLength(5);
    for (const calls of [6, 7, 8, 9, 10]) {
      await clock.advanceAsync(calls === 6 ? 1 : 1_000);
      await until(() => endpoint.requests.length === calls);
    }
    await Promise.all(asked);
  });
});

describe("GameLiftApiReader, when an answer does not come", () => {
  const silent: [string, ApiAnswer][] = [
    ["nothing", () => {}],
    ["half an answer", (response) => void response.writeHead(200).write('{"PlayerSessions":[')],
    ["half a refusal", (response) => void response.writeHead(500).write('{"__type":')],
  ];

  it.each(silent)("[GA5] cuts %s off after 2 s, and asks once", async (_, answer) => {
    const { describe, endpoint, clock } = await readerWith(answer);
    const failed = rejection(describe());
    await until(() => endpoint.requests.length === 1);
    await clock.advanceAsync(1_999);
    expect(endpoint.openConnections).toBe(1);
    clock.advance(1);
    expect(await failed).toMatchObject({
      code: "FLEET_UNREACHABLE",
      message: expect.stringContaining("no answer in time"),
    });
    await until(() => endpoint.openConnections === 0);
    expect(endpoint.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each(silent)("[GA5] ends with its signal in %s", async (_, answer) => {
    const { describe, endpoint, clock } = await readerWith(answer);
    const given = new AbortController();
    const failed = rejection(describe(given.signal));
    await until(() => endpoint.requests.length === 1);
    given.abort();
    expect(await failed).toMatchObject({ code: "FLEET_UNREACHABLE" });
    await until(() => endpoint.openConnections === 0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA5] ends with its signal between two tries", async () => {
    const { describe, endpoint, clock, resting } = await readerWith(cut);
    const given = new AbortController();
    const failed = rejection(describe(given.signal));
    await resting();
    given.abort();
    expect(await failed).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(endpoint.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA5] asks nothing when its signal has aborted before", async () => {
    const { describe, endpoint } = await readerWith(works);
    expect((await rejection(describe(AbortSignal.abort()))).message).toMatch(/no answer in time$/);
    await settle();
    expect(endpoint.connections).toBe(0);
  });

  it("[GA5] ends when the reader is closed, and asks nothing afterwards", async () => {
    const { describe, endpoint, reader } = await readerWith(() => {});
    const failed = rejection(describe());
    await until(() => endpoint.requests.length === 1);
    reader[Symbol.dispose]();
    await failed;
    await rejection(describe());
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe("GameLiftApiReader, when an answer has no end", () => {
  it("[GA6] reads 8 MB of one, and cuts the connection", async () => {
    let sent = 0;
    const { describe, endpoint } = await readerWith((response) => {
      const pour = () => {
        do sent += 65_536;
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.on("drain", pour);
      pour();
    });
    const error = await rejection(describe());
    expect(error.message).toContain("the answer is too long");
    await until(() => endpoint.openConnections === 0);
    expect(sent).toBeGreaterThanOrEqual(GAMELIFT_API_LIMITS.answerBytesMax);
    expect(sent).toBeLessThan(3 * GAMELIFT_API_LIMITS.answerBytesMax);
  });

  it("[GA6] takes a page as large as there may be", async () => {
    const PlayerData = "\u{1f3ae}".repeat(2048);
    const page = Array.from({ length: 200 }, (_, at) => described(`psess-${at}`, { PlayerData }));
    const text = JSON.stringify({ PlayerSessions: page }).replaceAll(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
    );
    const { describe } = await readerWith((response) => sayText(response, 200, text));
    expect((await describe()).filter((each) => each.playerData === PlayerData)).toHaveLength(200);
  });

  it("[GA6] reads 8 pages and no more", async () => {
    const { describe, endpoint } = await readerWith((response, _, at) =>
      say(response, { PlayerSessions: [described(`psess-${at}`)], NextToken: String(at) }),
    );
    expect(await rejection(describe())).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(endpoint.requests).toHaveLength(8);
  });

  it("[GA6] follows no page that leads to itself", async () => {
    const { describe, endpoint } = await readerWith((response) =>
      say(response, { NextToken: "again" }),
    );
    expect(await rejection(describe())).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe("GameLiftApiReader's errors", () => {
  const { keyId, key, token, playerSessionId } = SECRETS;
  const leak = `Credential=${keyId} ${key} x-amz-security-token:${token} ${playerSessionId}`;
  const leaks: [string, (response: ServerResponse) => void][] = [
    ["the text of a refusal", (r) => refuse(r, "SignatureDoesNotMatch", { message: leak })],
    [
      "the text of NotFoundException",
      (r) => refuse(r, "InvalidRequestException", { message: leak }),
    ],
    ["the name of an error", (r) => refuse(r, leak)],
    ["unreadable JSON", (r) => sayText(r, 200, playerSessionId)],
    ["unreadable JSON of a fault", (r) => sayText(r, 400, `${playerSessionId} ${token}`)],
    ["headers", (r) => sayText(r.setHeader("x-amzn-trace", leak), 418, "{}")],
    [
      "the id of the request",
      (r) => r.writeHead(400, { "x-amzn-requestid": playerSessionId }).end("{}"),
    ],
    [
      "a record that cannot be read",
      (r) => say(r, { PlayerSessions: [described(playerSessionId, { CreationTime: leak })] }),
    ],
  ];

  it.each(leaks)("[GA7] show nothing of %s", async (_, fault) => {
    const { describe, reader } = await readerWith(fault);
    // The check for secrets is in `rejection`.
    expect((await rejection(describe())).message).toMatch(/the AWS API/);
    await reader.proveAccess(never).catch((error: unknown) => expect(String(error)).toMatch(/AWS/));
  });

  it("[GA7] name the error, its status and the request, for whoever asks AWS about it", async () => {
    const { describe } = await readerWith((response) => refuse(response, "AccessDeniedException"));
    expect((await rejection(describe())).message).toMatch(
      /AccessDeniedException \(HTTP 400, request [0-9a-f-]{36}\)/,
    );
  });
});
