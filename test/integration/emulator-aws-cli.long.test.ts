import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { EmulatorProgram } from "../support/emulator-program.ts";
import { LightPlayer } from "../support/light-player.ts";
import { ServerProcess } from "../support/server-process.ts";

const AWS = "/usr/bin/aws";
const isHere = existsSync(AWS);
if (!isHere) process.stderr.write(`skipped: ${AWS} is missing (apt-get install awscli)\n`);

/** A minute of the service takes three seconds, and the command line a second for each call. */
const TIME_SCALE = 20;

/** The members of answers that are looked at. */
interface Answer {
  readonly FleetAttributes: { readonly FleetId: string };
  readonly Compute: { readonly GameLiftServiceSdkEndpoint: string };
  readonly AuthToken: string;
  readonly GameSession: { readonly GameSessionId: string };
  readonly GameSessions: readonly { readonly Status: string }[];
  readonly PlayerSession: Seat;
  readonly PlayerSessions: readonly Seat[];
}

interface Seat {
  readonly PlayerSessionId: string;
  readonly Status: string;
  readonly Port: number;
}

/** Debian's command line, as a person types it. */
function cli(url: string): (...args: readonly string[]) => Promise<Answer> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return async (...args) => {
    const all = ["--endpoint-url", url, "--output", "json", "gamelift", ...args];
    const { stdout } = await promisify(execFile)(AWS, all, { env, timeout: 30_000 });
    return JSON.parse(stdout);
  };
}

async function until(isTrue: () => Promise<boolean>, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(!isHere)(
  "Debian's aws on the emulator, and a server that was started by hand",
  () => {
    it("[GT31] sees a player session RESERVED, ACTIVE, COMPLETED, and one that nobody used TIMEDOUT", async () => {
      await using emulator = await EmulatorProgram.start(["--time-scale", `${TIME_SCALE}`]);
      const aws = cli(emulator.url);
      await aws("create-location", "--location-name", "custom-desk");
      const { FleetAttributes } = await aws(
        ...["create-fleet", "--name", "desk", "--compute-type", "ANYWHERE"],
        ...["--locations", "Location=custom-desk", "--anywhere-configuration", "Cost=0.1"],
      );
      const fleet = ["--fleet-id", FleetAttributes.FleetId];
      const { Compute } = await aws(
        ...["register-compute", ...fleet, "--compute-name", "desk"],
        ...["--ip-address", "127.0.0.1", "--location", "custom-desk"],
      );
      const { AuthToken } = await aws("get-compute-auth-token", ...fleet, "--compute-name", "desk");

      const server = await ServerProcess.startOnFleet({
        GAMELIFT_SDK_WEBSOCKET_URL: Compute.GameLiftServiceSdkEndpoint,
        GAMELIFT_SDK_AUTH_TOKEN: AuthToken,
        GAMELIFT_SDK_PROCESS_ID: "by-hand",
        GAMELIFT_SDK_HOST_ID: "desk",
        GAMELIFT_SDK_FLEET_ID: FleetAttributes.FleetId,
      });
      try {
        const { GameSession } = await aws(
          ...["create-game-session", ...fleet, "--location", "custom-desk"],
          ...["--maximum-player-session-count", "4"],
        );
        const session = ["--game-session-id", GameSession.GameSessionId];
        await until(async () => {
          const { GameSessions } = await aws("describe-game-sessions", ...session);
          return GameSessions[0]?.Status === "ACTIVE";
        }, 15_000);
        const reserve = async (player: string) => {
          const answer = await aws("create-player-session", ...session, "--player-id", player);
          return answer.PlayerSession;
        };
        const statusOf = async (id: string) => {
          const answer = await aws("describe-player-sessions", "--player-session-id", id);
          return answer.PlayerSessions[0]?.Status;
        };
        const ann = await reserve("ann");
        expect(ann.Status).toBe("RESERVED");
        expect(await statusOf(ann.PlayerSessionId)).toBe("RESERVED");
        const way = { port: ann.Port, transport: "tcp" } as const;
        const player = await LightPlayer.join(way, ann.PlayerSessionId);
        if (typeof player === "number") throw new Error(`refused with ${player}`);
        expect(await statusOf(ann.PlayerSessionId)).toBe("ACTIVE");
        const bob = await reserve("bob");
        await player.leave();
        expect(await statusOf(ann.PlayerSessionId)).toBe("COMPLETED");
        await until(async () => (await statusOf(bob.PlayerSessionId)) === "TIMEDOUT", 15_000);
        expect(await LightPlayer.join(way, bob.PlayerSessionId)).toBeGreaterThan(4_000);
        expect(await LightPlayer.join(way, ann.PlayerSessionId)).toBeGreaterThan(4_000);
      } finally {
        await server.stop();
      }
      expect(await emulator.stop()).toEqual({ code: 0, signal: null });
    });
  },
);
