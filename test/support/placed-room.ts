import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateGameSessionCommand,
  CreatePlayerSessionCommand,
  DescribeGameSessionsCommand,
  type GameLiftClient,
} from "@aws-sdk/client-gamelift";
import { Client } from "@colyseus/sdk";
import { expect } from "vitest";

/** As a backend does it: a game session of a room, and a player session in it. */
export async function joinPlaced<State>(api: GameLiftClient, game: string) {
  const { GameSession } = await placed(api, game);
  const { GameSessionId } = GameSession ?? {};
  const isActive = async () => {
    const { GameSessions } = await api.send(new DescribeGameSessionsCommand({ GameSessionId }));
    return GameSessions?.[0]?.Status;
  };
  await expect.poll(isActive, { timeout: 10_000 }).toBe("ACTIVE");
  const asked = new CreatePlayerSessionCommand({ GameSessionId, PlayerId: "anna" });
  const { PlayerSession } = await api.send(asked);
  const { IpAddress, Port, PlayerSessionId: playerSessionId } = PlayerSession ?? {};
  return new Client(`http://${IpAddress}:${Port}`).joinById<State>("match", { playerSessionId });
}

/** The first process may not be ready yet. */
async function placed(api: GameLiftClient, game: string) {
  const asked = new CreateGameSessionCommand({
    FleetId: "fleet-mine",
    Location: "custom-desk",
    MaximumPlayerSessionCount: 4,
    GameProperties: [{ Key: "room", Value: game }],
  });
  for (let tries = 1; ; tries++) {
    try {
      return await api.send(asked);
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(250);
    }
  }
}
