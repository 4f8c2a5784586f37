import {
  CreateGameSessionCommand,
  DescribeGameSessionsCommand,
  FleetCapacityExceededException,
  GameLiftClient,
  type GameSession,
} from "@aws-sdk/client-gamelift";
import { describe, expect, it } from "vitest";
import { EmulatorProgram, pidsWith } from "../support/emulator-program.ts";

const PROCESSES = 50;
const FLEET_ID = "fleet-fifty";
const READY_WITHIN_MS = 180_000;

const FLEET_FILE = {
  Fleets: [
    {
      FleetId: FLEET_ID,
      Name: "fifty",
      ComputeType: "EC2",
      RuntimeConfiguration: {
        ServerProcesses: [
          {
            LaunchPath: "/local/game/node_modules/.bin/node",
            Parameters:
              "server/main.ts --host 127.0.0.1 --port 21100-21199 --room duel --journal-dir= --results-dir=",
            ConcurrentExecutions: PROCESSES,
          },
        ],
      },
    },
  ],
};

/** One more game session as soon as a process is free for it. */
async function placed(client: GameLiftClient, withinMs: number): Promise<GameSession> {
  const endMs = performance.now() + withinMs;
  const command = new CreateGameSessionCommand({ FleetId: FLEET_ID, MaximumPlayerSessionCount: 2 });
  for (;;) {
    try {
      const { GameSession } = await client.send(command);
      if (GameSession === undefined) throw new Error("an answer without a game session");
      return GameSession;
    } catch (error) {
      const isFull = error instanceof FleetCapacityExceededException;
      if (!isFull || performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

describe("50 server processes under one emulator", () => {
  it("[GT32] are all ready, host a game session each, are replaced when killed, and are gone after Ctrl-C", async () => {
    await using emulator = await EmulatorProgram.start(["--launch-root", "."], FLEET_FILE);
    const client = new GameLiftClient({
      endpoint: emulator.url,
      region: "us-west-2",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
    });
    const startedMs = performance.now();
    const sessions: GameSession[] = [];
    while (sessions.length < PROCESSES) sessions.push(await placed(client, READY_WITHIN_MS));
    const hostedMs = performance.now() - startedMs;
    expect(new Set(sessions.map(({ Port }) => Port)).size).toBe(PROCESSES);
    const active = async () => {
      const described = await client.send(
        new DescribeGameSessionsCommand({ FleetId: FLEET_ID, StatusFilter: "ACTIVE", Limit: 100 }),
      );
      return described.GameSessions ?? [];
    };
    const endMs = performance.now() + 30_000;
    while ((await active()).length < PROCESSES && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(await active()).toHaveLength(PROCESSES);

    const pids = pidsWith("GAMELIFT_SDK_FLEET_ID", FLEET_ID);
    expect(pids.length).toBeGreaterThanOrEqual(PROCESSES);
    const [victim = 0] = pids.filter((pid) => pid !== emulator.child.pid).slice(-1);
    const killedMs = performance.now();
    process.kill(victim, "SIGKILL");
    const replacement = await placed(client, 30_000);
    const replacedMs = performance.now() - killedMs;
    expect(sessions.map(({ GameSessionId }) => GameSessionId)).not.toContain(
      replacement.GameSessionId,
    );
    process.stdout.write(
      `50 processes: all host after ${Math.round(hostedMs)} ms, one killed was replaced after ${Math.round(replacedMs)} ms\n`,
    );

    const { code, signal } = await emulator.stop();
    expect({ code, signal }, emulator.output.slice(-2_000)).toEqual({ code: 0, signal: null });
    expect(pidsWith("GAMELIFT_SDK_FLEET_ID", FLEET_ID)).toEqual([]);
    client.destroy();
  });
});
