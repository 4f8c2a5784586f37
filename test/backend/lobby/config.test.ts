import { describe, expect, it } from "vitest";
import {
  type LobbyConfigError,
  lobbySettings,
  readLobbyConfig,
} from "../../../backend/lobby/config.ts";

const NEEDED = {
  LOBBY_GAMES: "arena:32,duel:2",
  LOBBY_QUEUE: "players",
  LOBBY_REGION: "eu-central-1",
};

function mistakes(env: Record<string, string>): string[] {
  try {
    readLobbyConfig(env);
  } catch (error) {
    expect((error as LobbyConfigError).code).toBe("LOBBY_CONFIG_INVALID");
    return (error as Error).message.split("\n");
  }
  return [];
}

describe("the lobby's settings", () => {
  it("[LB1] are games, queue and Region, and defaults for the rest that keep to this machine", () => {
    const { config, secrets } = readLobbyConfig(NEEDED);
    expect(config).toEqual({
      games: [
        { name: "arena", playersMax: 32 },
        { name: "duel", playersMax: 2 },
      ],
      queue: "players",
      region: "eu-central-1",
      endpointUrl: undefined,
      host: "127.0.0.1",
      port: 8090,
      hostNames: new Set(["127.0.0.1", "localhost", "[::1]"]),
      origins: new Set(),
      waitMs: 20_000,
      joinsPerMinute: 60,
      proxies: 0,
      isGameTls: false,
    });
    expect(secrets).toEqual({ playerKey: undefined });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("[LB1] are taken as given, the Region from AWS's own variables too", () => {
    const { LOBBY_REGION: _, ...rest } = NEEDED;
    const { config, secrets } = readLobbyConfig({
      ...rest,
      AWS_REGION: "us-east-1",
      LOBBY_QUEUE: "arn:aws:gamelift:us-east-1:123456789012:gamesessionqueue/players",
      LOBBY_ENDPOINT_URL: "http://127.0.0.1:9080",
      LOBBY_HOST: "0.0.0.0",
      LOBBY_PORT: "0",
      LOBBY_HOST_NAMES: "lobby.example, 203.0.113.7",
      LOBBY_ORIGINS: "https://play.example.com",
      LOBBY_WAIT_SECONDS: "5",
      LOBBY_JOINS_PER_MINUTE: "600",
      LOBBY_PROXIES: "1",
      LOBBY_GAME_TLS: "true",
      LOBBY_PLAYER_KEY: "k".repeat(32),
    });
    expect(config).toMatchObject({
      region: "us-east-1",
      endpointUrl: "http://127.0.0.1:9080",
      host: "0.0.0.0",
      port: 0,
      hostNames: new Set(["lobby.example", "203.0.113.7"]),
      origins: new Set(["https://play.example.com"]),
      waitMs: 5_000,
      joinsPerMinute: 600,
      proxies: 1,
      isGameTls: true,
    });
    expect(secrets.playerKey).toBe("k".repeat(32));
    expect(JSON.stringify(config)).not.toContain("kkkk");
  });

  it("[LB1] that must be given are asked for together", () => {
    expect(mistakes({})).toEqual([
      expect.stringMatching(/^LOBBY_GAMES: must be given; allowed is games with their seats/),
      expect.stringMatching(/^LOBBY_QUEUE: must be given; allowed is /),
      expect.stringMatching(/^LOBBY_REGION: must be given; allowed is /),
    ]);
  });

  it.each([
    ["LOBBY_GAMES", "arena"],
    ["LOBBY_GAMES", "arena:0"],
    ["LOBBY_GAMES", "arena:201"],
    ["LOBBY_GAMES", "arena:2,arena:3"],
    ["LOBBY_GAMES", "a b:2"],
    ["LOBBY_GAMES", Array.from({ length: 33 }, (_, at) => `g${at}:2`).join(",")],
    ["LOBBY_QUEUE", "my queue"],
    ["LOBBY_REGION", "mars"],
    ["LOBBY_ENDPOINT_URL", "http://gamelift.example"],
    ["LOBBY_ENDPOINT_URL", "https://user:pass@gamelift.example"],
    ["LOBBY_ENDPOINT_URL", "https://gamelift.example/?x=1"],
    ["LOBBY_ENDPOINT_URL", "gamelift.example"],
    ["LOBBY_HOST", "lobby.example"],
    ["LOBBY_PORT", "65536"],
    ["LOBBY_PORT", "080"],
    ["LOBBY_HOST_NAMES", "lobby.example:80"],
    ["LOBBY_HOST_NAMES", "*"],
    ["LOBBY_ORIGINS", "*"],
    ["LOBBY_ORIGINS", "https://play.example.com/"],
    ["LOBBY_WAIT_SECONDS", "0"],
    ["LOBBY_JOINS_PER_MINUTE", "1e3"],
    ["LOBBY_PROXIES", "5"],
    ["LOBBY_GAME_TLS", "yes"],
  ])("[LB1] refuse %s = %s", (name, text) => {
    const { allowed } = lobbySettings[name as keyof typeof lobbySettings];
    const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    expect(mistakes({ ...NEEDED, [name]: text })).toEqual([
      `${name} = ${JSON.stringify(shown)}: allowed is ${allowed}`,
    ]);
  });

  it("[LB1] tell all mistakes at once, names that are none included, and never the key", () => {
    const told = mistakes({
      ...NEEDED,
      LOBBY_PORT: "x",
      LOBBY_PLAYER_KEY: "too-short-a-key",
      LOBBY_QUEU: "players",
    });
    expect(told).toEqual([
      "LOBBY_QUEU: there is no such variable; see docs/LOBBY.md",
      expect.stringMatching(/^LOBBY_PORT = "x": allowed is /),
      expect.stringMatching(/^LOBBY_PLAYER_KEY = \(value not shown\): allowed is /),
    ]);
    expect(told.join()).not.toContain("too-short");
  });
});
