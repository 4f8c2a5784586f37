import { describe, expect, it } from "vitest";
import {
  type ApiAnswer,
  describing,
  refuse,
  say,
  sayText,
} from "../../../support/aws-json-endpoint.ts";
import { described, GAME_SESSION, never, readerWith, rejection, SECRETS } from "./api-world.ts";

const players = (count: number) =>
  Array.from({ length: count }, (_, at) => described(`psess-${at}`));

describe("GameLiftApiReader", () => {
  it("[GA1] describes every player session of a game session, each with its player", async () => {
    const { describe, endpoint } = await readerWith(
      describing([
        described("psess-a", { PlayerData: "a team" }),
        described("psess-b", { Status: "ACTIVE" }),
        described("psess-c", { GameSessionId: `${GAME_SESSION}0` }),
      ]),
    );
    const common = { gameSessionId: GAME_SESSION, playerData: "" };
    expect(await describe()).toEqual([
      {
        ...common,
        playerSessionId: "psess-a",
        playerId: "player of psess-a",
        status: "RESERVED",
        playerData: "a team",
      },
      {
        ...common,
        playerSessionId: "psess-b",
        playerId: "player of psess-b",
        status: "ACTIVE",
      },
    ]);
    expect(endpoint.requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
      { operation: "DescribePlayerSessions", input: { GameSessionId: GAME_SESSION, Limit: 200 } },
    ]);
  });

  it("[GA1] asks for those of one status alone, if so told", async () => {
    const { describe } = await readerWith(
      describing([described("psess-a", { Status: "COMPLETED" }), described("psess-b")]),
      { onlyStatus: "RESERVED" },
    );
    expect((await describe()).map((each) => each.playerSessionId)).toEqual(["psess-b"]);
  });

  it("[GA1] reads page after page", async () => {
    const { describe, endpoint } = await readerWith(describing(players(450)));
    const ids = (await describe()).map((each) => each.playerSessionId);
    expect(ids).toEqual(players(450).map((each) => each["PlayerSessionId"]));
    const tokens = endpoint.requests.map(({ input }) => input["NextToken"]);
    expect(tokens).toEqual([undefined, "200", "400"]);
  });

  it("[GA1] takes pages of the service's own length when it refuses ours, from then on", async () => {
    const works = describing(players(30));
    const { describe, endpoint } = await readerWith((response, request, at) =>
      "Limit" in request.input
        ? refuse(response, "InvalidRequestException")
        : works(response, request, at),
    );
    expect(await describe()).toHaveLength(30);
    expect(await describe()).toHaveLength(30);
    expect(endpoint.requests.map(({ input }) => [input["Limit"], input["NextToken"]])).toEqual([
      [200, undefined],
      [undefined, undefined],
      [undefined, "20"],
      [undefined, undefined],
      [undefined, "20"],
    ]);
  });

  it("[GA1] does so for no other refusal", async () => {
    const { describe, endpoint } = await readerWith((response, request, at) =>
      at === 0 ? sayText(response, 418, "{}") : describing(players(1))(response, request, at),
    );
    await rejection(describe());
    await describe();
    expect(endpoint.requests.map(({ input }) => input["Limit"])).toEqual([200, 200]);
  });

  it.each<[string, ApiAnswer]>([
    ["an empty page", describing([])],
    ["an answer without a list", (response) => say(response, {})],
    ["NotFoundException", (response) => refuse(response, "NotFoundException")],
  ])("[GA1] finds nobody in %s", async (_, answer) => {
    const { describe } = await readerWith(answer);
    expect(await describe()).toEqual([]);
  });

  it("[GA3] pays for each page: five calls at once, then as many a second as configured", async () => {
    const { describe, endpoint, clock, reader, wanting } = await readerWith(
      describing(players(1550)),
      { callsPerSecond: 0.5 },
    );
    expect(reader.descriptionsPerSecond).toBe(0.5);
    const records = describe();
    for (const calls of [5, 6, 7]) {
      await wanting(calls + 1);
      await clock.advanceAsync(1_999);
      expect(endpoint.requests).toHaveLength(calls);
      clock.advance(1);
    }
    expect(await records).toHaveLength(1550);
    expect(endpoint.requests).toHaveLength(8);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA3] says so when the budget left no call in time", async () => {
    const { describe, endpoint, clock, wanting } = await readerWith(describing(players(1200)), {
      callsPerSecond: 1,
    });
    const given = new AbortController();
    const failed = rejection(describe(given.signal));
    await wanting(6);
    given.abort();
    expect(await failed).toMatchObject({
      code: "FLEET_UNREACHABLE",
      message: expect.stringContaining("FLEETROOM_API_CALLS_PER_S"),
    });
    expect(endpoint.requests).toHaveLength(5);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("GameLiftApiReader's proof of access", () => {
  it.each<[string, ApiAnswer]>([
    ["NotFoundException", (response) => refuse(response, "NotFoundException")],
    ["an empty answer", (response) => say(response, { PlayerSessions: [] })],
  ])("[GA9] takes %s for a proof, by one call about nobody", async (_, answer) => {
    const { reader, endpoint } = await readerWith(answer);
    await reader.proveAccess(never);
    expect(endpoint.requests).toHaveLength(1);
    expect(endpoint.requests[0]).toMatchObject({
      operation: "DescribePlayerSessions",
      input: { PlayerSessionId: expect.stringMatching(/^psess-[0-]+$/) },
      accessKeyId: SECRETS.keyId,
    });
  });

  it.each([
    ["UnauthorizedException", 400],
    ["AccessDeniedException", 400],
    ["UnrecognizedClientException", 400],
    ["InvalidSignatureException", 400],
    ["ExpiredTokenException", 400],
    ["IncompleteSignatureException", 403],
    ["AnythingElse", 403],
  ])("[GA9] takes %s (%i) for a refusal, and names the one action", async (name, status) => {
    const message = `Credential=${SECRETS.keyId} x-amz-security-token:${SECRETS.token}`;
    const { reader, endpoint } = await readerWith((response) =>
      refuse(response, name, { status, message }),
    );
    const error = await rejection(reader.proveAccess(never));
    expect(error).toMatchObject({ name: "GameServerError", code: "FLEET_API_DENIED" });
    expect(error.message).toContain(name);
    expect(error.message).toContain("gamelift:DescribePlayerSessions");
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each<[string, ApiAnswer]>([
    ["InvalidRequestException", (response) => refuse(response, "InvalidRequestException")],
    ["a page of HTML", (response) => sayText(response, 200, "<html>psess-</html>")],
    ["a redirect", (response) => sayText(response, 302, "")],
  ])("[GA9] takes %s neither for a proof nor for a refusal", async (_, answer) => {
    const { reader } = await readerWith(answer);
    expect(await rejection(reader.proveAccess(never))).toMatchObject({ code: "FLEET_UNREACHABLE" });
  });

  it("[GA9] has no proof when the service is busy, also at the second try", async () => {
    const { reader, endpoint, clock, resting } = await readerWith((response) =>
      refuse(response, "ThrottlingException"),
    );
    const failed = rejection(reader.proveAccess(never));
    await resting();
    clock.advance(200);
    expect(await failed).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(endpoint.requests).toHaveLength(2);
  });
});
