import { describe, expect, it } from "vitest";
import { settle } from "../../../support/fake-clock.ts";
import { failureOf, GAME_SESSION_ID, SdkWorld, type ServiceEnd } from "./sdk-world.ts";

const tokenOf = (end: ServiceEnd) => end.url.searchParams.get("IdempotencyToken");
const REFRESH = {
  Action: "RefreshConnection",
  RefreshConnectionEndpoint: "wss://other.example/path",
  AuthToken: "token-2",
};

describe("a connection that breaks", () => {
  it.each([1006, 1011, 1012, 1002])(
    "[GL9] with %d comes back at once, the same by address and token, and says nothing of it",
    async (code) => {
      const world = new SdkWorld();
      const sdk = await world.hosting();
      const [first] = world.ends;
      first!.end(code);
      await world.clock.advanceAsync(0);
      expect(world.ends).toHaveLength(2);
      expect(world.service.url.href).toBe(first!.url.href);
      expect(world.service.sent).toEqual([]);
      expect(world.eventTypes().slice(-2)).toEqual(["disconnected", "connected"]);
      const call = sdk.activateGameSession();
      await world.service.answer("ActivateGameSession");
      await call;
    },
  );

  it("[GL9] is tried again and again, 8 s apart at most, for as long as it takes", async () => {
    const world = new SdkWorld();
    world.randomValue = 0;
    const sdk = await world.hosting();
    world.tries.push(...Array(80).fill("no answer"));
    world.service.end(1006);
    await world.clock.advanceAsync(620_000);
    expect(world.triedAtMs.slice(1, 8)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 23_500]);
    expect(sdk.isConnected).toBe(true);
    const waits = world.triedAtMs.slice(1).map((atMs, at) => atMs - world.triedAtMs[at]!);
    expect(Math.max(...waits)).toBe(8_000);
  });

  it("[GL9] with a refusal does not give up: the match goes on meanwhile", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    world.tries.push(403, 403, 403);
    world.service.end(1006);
    await world.clock.advanceAsync(20_000);
    expect(sdk.isConnected).toBe(true);
  });

  it("[GL9] sends what can be repeated again, by the same id, and fails what cannot", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const policy = sdk.updatePlayerSessionCreationPolicy("DENY_ALL");
    const backfill = failureOf(
      sdk.startMatchBackfill({
        gameSessionArn: GAME_SESSION_ID,
        matchmakingConfigurationArn:
          "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/c",
        players: [{ playerId: "p", team: "t" }],
      }),
    );
    const [first] = world.ends;
    const { RequestId } = first!.last("UpdatePlayerSessionCreationPolicy");
    first!.end(1006);
    expect(await backfill).toMatchObject({
      name: "WebsocketSendMessageFailure",
      isOutcomeUnknown: true,
    });
    await world.clock.advanceAsync(0);
    expect(world.service.sent.map((each) => each.RequestId)).toEqual([RequestId]);
    await world.service.answer("UpdatePlayerSessionCreationPolicy");
    await policy;
  });

  it("[GL9] lets what was asked meanwhile wait for the next one, for its time", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    world.tries.push(...Array(100).fill("no answer"));
    world.service.end(1006);
    const early = failureOf(sdk.activateGameSession());
    await world.clock.advanceAsync(20_000);
    expect(await early).toMatchObject({
      name: "WebsocketRetriableSendMessageFailure",
      isOutcomeUnknown: false,
    });
    const late = sdk.activateGameSession();
    world.tries.length = 0;
    await world.clock.advanceAsync(8_000);
    await world.service.answer("ActivateGameSession");
    await late;
  });

  it.each([1000, 1001])(
    "[GL9] with %d is over for good: the owner is told, and every call fails",
    async (code) => {
      const world = new SdkWorld();
      const sdk = await world.hosting();
      const waiting = failureOf(sdk.activateGameSession());
      world.service.end(code);
      expect(await waiting).toMatchObject({ name: "WebsocketSendMessageFailure" });
      expect(await failureOf(sdk.getComputeCertificate())).toMatchObject({
        name: "NotInitialized",
      });
      expect(world.events.at(-1)).toMatchObject({
        type: "dead",
        cause: { name: "NotInitialized" },
      });
      await world.clock.advanceAsync(600_000);
      expect(world.ends).toHaveLength(1);
      expect(world.clock.pendingTimers).toBe(0);
    },
  );
});

describe("a connection that is moved", () => {
  it("[GL10] is made anew first, with the new address and token and an idempotency token of its own", async () => {
    const world = new SdkWorld();
    await world.hosting();
    const [first] = world.ends;
    first!.say(REFRESH);
    await settle();
    expect(world.service.url.host).toBe("other.example");
    expect(world.service.url.searchParams.get("Authorization")).toBe("token-2");
    expect(tokenOf(world.service)).not.toBe(tokenOf(first!));
    expect(world.service.sent).toEqual([]);
    expect(first!.isDiscarded).toBe(true);
  });

  it("[GL10] loses and delays no request: what waits is answered on the old one, what is new goes out at once", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const [first] = world.ends;
    const old = sdk.activateGameSession();
    first!.say(REFRESH);
    const between = sdk.getComputeCertificate();
    expect(first!.count("GetComputeCertificate")).toBe(1);
    await settle();
    const fresh = sdk.updatePlayerSessionCreationPolicy("DENY_ALL");
    const [, second] = world.ends;
    expect(second!.sent.map((each) => each.Action)).toEqual(["UpdatePlayerSessionCreationPolicy"]);
    await world.clock.advanceAsync(3_000);
    expect(first!.isDiscarded).toBe(false);
    await first!.answer("ActivateGameSession");
    await first!.answer("GetComputeCertificate");
    await second!.answer("UpdatePlayerSessionCreationPolicy");
    await Promise.all([old, between, fresh]);
    await world.clock.advanceAsync(100);
    expect(first!.isDiscarded).toBe(true);
  });

  it("[GL10] leaves the old one after 20 s at the latest", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const [first] = world.ends;
    sdk.activateGameSession().catch(() => {});
    first!.say(REFRESH);
    await world.clock.advanceAsync(20_000);
    expect(first!.isDiscarded).toBe(true);
  });

  it("[GL10] stays where it is when the new address does not answer, and moves when asked again", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const [first] = world.ends;
    world.tries.push(503);
    first!.say(REFRESH);
    await settle();
    expect(first!.isDiscarded).toBe(false);
    const call = sdk.activateGameSession();
    await first!.answer("ActivateGameSession");
    await call;
    first!.say(REFRESH);
    await settle();
    expect(world.ends).toHaveLength(2);
    expect(world.eventTypes()).toContain("connect_failed");
  });

  it("[GL10] comes back to the new address once it breaks there", async () => {
    const world = new SdkWorld();
    await world.hosting();
    world.service.say(REFRESH);
    await settle();
    const [, second] = world.ends;
    second!.end(1006);
    await world.clock.advanceAsync(0);
    expect(world.service.url.href).toBe(second!.url.href);
    expect(world.ends).toHaveLength(3);
  });

  it("[GL10] survives the service's closing the old one early, with 1001 as well", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const [first] = world.ends;
    const waiting = sdk.getComputeCertificate();
    first!.say(REFRESH);
    first!.end(1001);
    await world.clock.advanceAsync(0);
    expect(sdk.isConnected).toBe(true);
    expect(world.eventTypes()).not.toContain("dead");
    await world.service.answer("GetComputeCertificate");
    await waiting;
  });

  it("[GL10] twice in a row ends at the address named last", async () => {
    const world = new SdkWorld();
    await world.hosting();
    const [first] = world.ends;
    first!.say(REFRESH);
    first!.say({ ...REFRESH, RefreshConnectionEndpoint: "wss://third.example" });
    await settle();
    await settle();
    expect(world.service.url.host).toBe("third.example");
    expect(world.ends.filter(({ isDiscarded }) => !isDiscarded)).toEqual([world.service]);
  });
});

describe.each([
  ["AcceptPlayerSession", "acceptPlayerSession", "ACTIVE", "RESERVED"],
  ["RemovePlayerSession", "removePlayerSession", "COMPLETED", "ACTIVE"],
] as const)("%s whose answer is lost", (action, method, done, notDone) => {
  const record = (Status: string, PlayerSessionId = "psess-1") => ({
    PlayerSessions: [{ PlayerSessionId, Status }],
  });

  it("[GL13] is found done by asking, after 20 s, and is sent once", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const call = sdk[method]("psess-1");
    await world.clock.advanceAsync(20_000);
    expect(world.service.last("DescribePlayerSessions")).toMatchObject({
      PlayerSessionId: "psess-1",
    });
    await world.service.answer("DescribePlayerSessions", record(done));
    await call;
    expect(world.service.count(action)).toBe(1);
  });

  it("[GL13] is found not done, and may be tried again", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const failure = failureOf(sdk[method]("psess-1"));
    await world.clock.advanceAsync(20_000);
    await world.service.answer("DescribePlayerSessions", record(notDone));
    expect(await failure).toMatchObject({
      name: "WebsocketRetriableSendMessageFailure",
      isOutcomeUnknown: false,
    });
    expect((await failure).message).not.toContain("psess-1");
  });

  it.each(["TIMEDOUT", "nothing"])("[GL13] is found never to be done: %s", async (status) => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const failure = failureOf(sdk[method]("psess-1"));
    await world.clock.advanceAsync(20_000);
    await world.service.answer(
      "DescribePlayerSessions",
      status === "nothing" ? { PlayerSessions: [] } : record(status),
    );
    expect(await failure).toMatchObject({ name: "NotFound", isOutcomeUnknown: false });
  });

  it("[GL13] stays unknown when the service cannot be asked either", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const failure = failureOf(sdk[method]("psess-1"));
    await world.clock.advanceAsync(20_000);
    await world.service.refuse("DescribePlayerSessions", 500);
    expect(await failure).toMatchObject({ name: "ServiceCallFailed", isOutcomeUnknown: true });
  });

  it("[GL13] may be lost in an answer of 500 as well, and is asked for", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const call = sdk[method]("psess-1");
    await world.service.refuse(action, 500);
    await world.clock.advanceAsync(0);
    await world.service.answer("DescribePlayerSessions", record(done));
    await call;
    expect(world.service.count(action)).toBe(1);
  });

  it("[GL13] is not sent again before the service could be asked, however often it is wanted", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const unknown = async () => {
      const failure = failureOf(sdk[method]("psess-1"));
      await world.clock.advanceAsync(20_000);
      await world.service.refuse("DescribePlayerSessions", 500);
      expect(await failure).toMatchObject({ name: "ServiceCallFailed", isOutcomeUnknown: true });
    };
    await unknown();
    await unknown();
    expect(world.service.count(action)).toBe(1);
    const again = sdk[method]("psess-1");
    await world.clock.advanceAsync(1_000);
    await world.service.answer("DescribePlayerSessions", record(notDone));
    expect(world.service.count(action)).toBe(2);
    await world.service.answer(action);
    await again;
  });

  it("[GL13] is done without another call when the service says so later", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const failure = failureOf(sdk[method]("psess-1"));
    await world.clock.advanceAsync(20_000);
    await world.service.refuse("DescribePlayerSessions", 500);
    await failure;
    const again = sdk[method]("psess-1");
    await world.clock.advanceAsync(1_000);
    await world.service.answer("DescribePlayerSessions", record(done));
    await again;
    expect(world.service.count(action)).toBe(1);
  });

  it("[GL13] stays unknown when the service names a next page without end", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const failure = failureOf(sdk[method]("psess-1"));
    await world.clock.advanceAsync(20_000);
    for (let page = 0; page < 64; page++) {
      await world.service.answer("DescribePlayerSessions", {
        PlayerSessions: [],
        NextToken: "more",
      });
    }
    expect(await failure).toMatchObject({ name: "ServiceCallFailed", isOutcomeUnknown: true });
    expect(world.service.count("DescribePlayerSessions")).toBe(64);
  });

  it("[GL13] is asked for once the connection is back, and many share one question", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const calls = Array.from({ length: 50 }, (_, at) => sdk[method](`psess-${at}`));
    world.service.end(1006);
    await world.clock.advanceAsync(1);
    const { service } = world;
    expect(service.sent.map((each) => each.Action)).toEqual(["DescribePlayerSessions"]);
    expect(service.last("DescribePlayerSessions")).toMatchObject({
      GameSessionId: GAME_SESSION_ID,
    });
    const half = (from: number) =>
      Array.from({ length: 25 }, (_, at) => ({
        PlayerSessionId: `psess-${from + at}`,
        Status: done,
      }));
    await service.answer("DescribePlayerSessions", { PlayerSessions: half(0), NextToken: "more" });
    expect(service.last("DescribePlayerSessions")).toMatchObject({ NextToken: "more" });
    await service.answer("DescribePlayerSessions", { PlayerSessions: half(25) });
    await Promise.all(calls);
    expect(service.count(action)).toBe(0);
  });

  it("[GL13] is asked for as soon as the caller would rather know", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const impatient = new AbortController();
    const call = sdk[method]("psess-1", { signal: impatient.signal });
    await world.clock.advanceAsync(3_000);
    impatient.abort();
    await world.clock.advanceAsync(0);
    await world.service.answer("DescribePlayerSessions", record(done));
    await call;
  });

  it("[GL13] is waited for on while the answer to that is no", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const impatient = new AbortController();
    const call = sdk[method]("psess-1", { signal: impatient.signal });
    impatient.abort();
    await world.clock.advanceAsync(0);
    await world.service.answer("DescribePlayerSessions", record(notDone));
    await world.clock.advanceAsync(5_000);
    await world.service.answer(action);
    await call;
    expect(world.service.count(action)).toBe(1);
  });

  it("[GL13] is given up unsent when the caller gives up while there is no connection", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    world.tries.push(...Array(10).fill("no answer"));
    world.service.end(1006);
    const impatient = new AbortController();
    const failure = failureOf(sdk[method]("psess-1", { signal: impatient.signal }));
    await world.clock.advanceAsync(3_000);
    impatient.abort();
    expect(await failure).toMatchObject({ name: "WebsocketClosingError", isOutcomeUnknown: false });
    world.tries.length = 0;
    await world.clock.advanceAsync(30_000);
    expect(world.ends.reduce((sum, end) => sum + end.count(action), 0)).toBe(0);
  });
});
