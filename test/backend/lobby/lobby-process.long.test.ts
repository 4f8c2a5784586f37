import { afterEach, describe, expect, it } from "vitest";
import { AwsJsonEndpoint } from "../../support/gamelift-service/aws-endpoint.ts";
import { LobbyProcess } from "../../support/lobby-process.ts";

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIALOBBYEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "lobby-secret-example",
  LOBBY_PLAYER_KEY: "the-key-of-all-player-tokens-here",
};
const SETTINGS = {
  LOBBY_GAMES: "arena:4",
  LOBBY_QUEUE: "players",
  LOBBY_REGION: "eu-central-1",
  LOBBY_PORT: "0",
  LOBBY_WAIT_SECONDS: "2",
};

let lobby: LobbyProcess | undefined;
afterEach(() => lobby?.stop());

describe("the lobby's process", () => {
  it("[LB18] says what is wrong with its settings, and ends with 1", async () => {
    const failed = await LobbyProcess.failing({ ...KEYS, LOBBY_GAMES: "arena" });
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/^LOBBY_CONFIG_INVALID: LOBBY_GAMES = "arena": allowed is /);
    expect(failed.stderr).toContain("LOBBY_QUEUE: must be given");
    expect(failed.stdout).toBe("");
  });

  it("[LB18] ends with 1 when its port is taken", async () => {
    lobby = await LobbyProcess.start({ ...KEYS, ...SETTINGS });
    const port = new URL(lobby.url).port;
    const second = await LobbyProcess.failing({ ...KEYS, ...SETTINGS, LOBBY_PORT: port });
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("EADDRINUSE");
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "[LB18] ends with 0 on %s, and cuts a join that is under way",
    async (signal) => {
      await using endpoint = await AwsJsonEndpoint.open({});
      endpoint.silence(true);
      lobby = await LobbyProcess.start({
        ...KEYS,
        ...SETTINGS,
        LOBBY_WAIT_SECONDS: "60",
        LOBBY_ENDPOINT_URL: endpoint.url,
      });
      const joining = fetch(`${lobby.url}/v1/join`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"game":"arena"}',
      }).then(
        () => "answered",
        () => "cut",
      );
      await endpoint.until(() => endpoint.requests.length > 0);
      const startedAtMs = performance.now();
      expect(await lobby.stop(signal)).toBe(0);
      expect(performance.now() - startedAtMs).toBeLessThan(4_000);
      expect(await joining).toBe("cut");
    },
  );

  it("[LB15] signs with the keys of its environment and tells nobody of them, nor of players' secrets", async () => {
    const playerSessionId = "psess-0123456789abcdef";
    await using endpoint = await AwsJsonEndpoint.open({
      DescribeGameSessionQueues: () => ({
        GameSessionQueues: [
          { Destinations: [{ DestinationArn: "arn:aws:gamelift:eu-central-1::fleet/fleet-1" }] },
        ],
      }),
      SearchGameSessions: () => ({
        GameSessions: [
          {
            GameSessionId: "gsess-1",
            Status: "ACTIVE",
            MaximumPlayerSessionCount: 4,
            GameProperties: [{ Key: "room", Value: "arena" }],
          },
        ],
      }),
      CreatePlayerSessions: ({ PlayerIds }) => ({
        PlayerSessions: (PlayerIds as string[]).map((PlayerId) => ({
          PlayerId,
          PlayerSessionId: playerSessionId,
          GameSessionId: "gsess-1",
          IpAddress: "127.0.0.1",
          Port: 7000,
        })),
      }),
    });
    lobby = await LobbyProcess.start({ ...KEYS, ...SETTINGS, LOBBY_ENDPOINT_URL: endpoint.url });
    const join = async () =>
      (
        await fetch(`${lobby?.url}/v1/join`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"game":"arena","playerName":"Ada"}',
        })
      ).json() as Promise<Record<string, string>>;
    const { playerToken = "" } = await join();
    expect(
      endpoint.requests.every(({ accessKeyId }) => accessKeyId === KEYS.AWS_ACCESS_KEY_ID),
    ).toBe(true);
    endpoint.answerWith("CreatePlayerSessions", {
      name: "InvalidSignatureException",
      message: `${playerSessionId} ${KEYS.AWS_ACCESS_KEY_ID} ${"0a1b2c3d".repeat(8)}`,
      status: 403,
    });
    const refused = await join();
    expect(refused["code"]).toBe("fleet_unreachable");
    expect(await lobby.stop()).toBe(0);
    const written = lobby.stdout + lobby.stderr;
    expect(lobby.lines.map(({ event }) => event)).toEqual([
      "lobby_listening",
      "join",
      "fleet_call_failed",
      "join",
      "lobby_stopping",
    ]);
    for (const secret of [playerSessionId, playerToken, "0a1b2c3d0a1b", ...Object.values(KEYS)]) {
      expect(written + JSON.stringify(refused)).not.toContain(secret);
    }
  });
});
