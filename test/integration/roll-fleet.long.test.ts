import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  CreateGameSessionCommand,
  CreatePlayerSessionCommand,
  DescribeFleetAttributesCommand,
  DescribeGameSessionsCommand,
  GameLiftClient,
} from "@aws-sdk/client-gamelift";
import { describe, expect, it } from "vitest";
import { zipOf } from "../emulator/builds/zips.ts";
import { manifest, runScript } from "../scripts/fleets/fleets-world.ts";
import { BuiltServer } from "../support/built-server.ts";
import { EmulatorProgram, pidsWith } from "../support/emulator-program.ts";
import { LightPlayer } from "../support/light-player.ts";

const WITHIN_MS = 30_000;

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A build root as `build:gamelift` lays it out, but for its Node: that is this one. */
async function buildZip(dist: string, version: string): Promise<Buffer> {
  const names = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  return zipOf([
    { name: "bin/node", content: `#!/bin/sh\nexec ${process.execPath} "$@"\n`, mode: 0o100755 },
    { name: "fleetroom.json", content: JSON.stringify({ host: "127.0.0.1", emptySeconds: 1 }) },
    manifest({ version }),
    ...names.map((each) => {
      const file = path.join(each.parentPath, each.name);
      return { name: `dist/${path.relative(dist, file)}`, content: readFileSync(file) };
    }),
  ]);
}

/** A match behind the alias, with one player in it. */
async function play(client: GameLiftClient, AliasId: string) {
  const made = await client.send(
    new CreateGameSessionCommand({ AliasId, MaximumPlayerSessionCount: 4 }),
  );
  const { GameSessionId = "", FleetId = "", Port: port = 0 } = made.GameSession ?? {};
  await until(async () => {
    const told = await client.send(new DescribeGameSessionsCommand({ GameSessionId }));
    return told.GameSessions?.[0]?.Status === "ACTIVE";
  });
  const seat = await client.send(
    new CreatePlayerSessionCommand({ GameSessionId, PlayerId: "ada" }),
  );
  const id = seat.PlayerSession?.PlayerSessionId ?? "";
  const player = await LightPlayer.join({ port, transport: "ws" }, id);
  if (typeof player === "number") throw new Error(`refused with ${player}`);
  return { player, fleetId: FleetId };
}

async function goesOn(player: LightPlayer): Promise<void> {
  const before = player.frameCount;
  player.steer();
  await until(() => player.frameCount > before + 10 && !player.isClosed);
}

describe("two builds of the real server, rolled while somebody plays", () => {
  it("[SP13] takes no match from a player: he ends his on the old fleet, the next one begins on the new one", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-roll-"));
    using built = new BuiltServer();
    await using emulator = await EmulatorProgram.start();
    const { url } = emulator;
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "any" };
    const client = new GameLiftClient({ endpoint: url, region: "us-west-2", credentials });
    try {
      const builds: string[] = [];
      for (const version of ["1", "2"]) {
        const zip = path.join(folder, `${version}.zip`);
        writeFileSync(zip, await buildZip(built.dist, version));
        const end = await runScript(url, ["upload-build", "--zip", zip]);
        expect(end.code, end.stderr).toBe(0);
        builds.push(end.stdout.trim());
      }
      const [first = "", second = ""] = builds;
      const made = await runScript(url, [
        "create-fleet",
        "--build-id",
        first,
        "--processes",
        "2",
        "--certificate",
        "DISABLED",
        "--alias",
        "live",
      ]);
      expect(made.code, made.stderr).toBe(0);
      const aliasId = /alias live is (\S+)/.exec(made.stderr)?.[1] ?? "";
      const old = await play(client, aliasId);
      expect(old.fleetId).toBe(made.stdout.trim());

      let told = "";
      const args = ["roll-fleet", "--alias", aliasId, "--build-id", second, "--delete-old"];
      const rolling = runScript(url, args, (text) => {
        told = text;
      });
      await until(() => told.includes("1 game sessions with 1 players left"));
      const fresh = await play(client, aliasId);
      expect(fresh.fleetId).not.toBe(old.fleetId);
      await goesOn(old.player);
      await goesOn(fresh.player);
      const FleetIds = [old.fleetId];
      const describeOld = () => client.send(new DescribeFleetAttributesCommand({ FleetIds }));
      expect((await describeOld()).FleetAttributes?.[0]?.Status).toBe("ACTIVE");

      await old.player.leave();
      const end = await rolling;
      expect(end.code, end.stderr).toBe(0);
      expect(end.stdout.trim()).toBe(fresh.fleetId);
      expect((await describeOld()).FleetAttributes).toEqual([]);
      await until(() => pidsWith("GAMELIFT_SDK_FLEET_ID", old.fleetId).length === 0);
      await goesOn(fresh.player);
      await fresh.player.leave();
    } finally {
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    }
    await emulator.stop();
  });
});
