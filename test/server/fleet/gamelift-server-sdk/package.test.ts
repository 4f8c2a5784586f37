import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GameLiftService } from "../../../support/gamelift-service/service.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const SOURCE = path.join(ROOT, "server/fleet/gamelift-server-sdk");
const NAME = "@fleetroom/gamelift-server-sdk";

/** A folder without any of ours, in which the package is installed as a stranger would: from its tarball. */
const folder = mkdtempSync(path.join(os.tmpdir(), "sdk-package-"));
const app = path.join(folder, "app");

/** npm as the scripts of this repository run it, and nothing over the network. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("npm", [...args, "--offline", "--no-audit", "--no-fund"], { cwd });
  return stdout;
}

async function packed(source: string, ...args: string[]): Promise<string> {
  const list = JSON.parse(
    await npm(source, "pack", "--json", "--pack-destination", folder, ...args),
  );
  return path.join(folder, (list as { filename: string }[])[0]!.filename);
}

beforeAll(async () => {
  cpSync(SOURCE, path.join(folder, "package"), { recursive: true });
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  await run(path.join(ROOT, "node_modules/.bin/tsc"), ["-p", path.join(folder, "package")]);
  const sdk = await packed(path.join(folder, "package"), "--ignore-scripts");
  const ws = await packed(path.join(ROOT, "node_modules/ws"), "--ignore-scripts");
  rmSync(path.join(folder, "node_modules"));
  cpSync(path.join(ROOT, "test/fixtures/empty-package"), app, { recursive: true });
  await npm(app, "install", "--ignore-scripts", ws, sdk);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  it("[GL18] holds nothing but its own, its types and ws", async () => {
    const tree = JSON.parse(await npm(app, "ls", "--all", "--json")) as {
      dependencies: Record<string, { dependencies?: object }>;
    };
    expect(Object.keys(tree.dependencies).sort()).toEqual([NAME, "ws"]);
    expect(Object.keys(tree.dependencies[NAME]!.dependencies ?? {})).toEqual(["ws"]);
  });

  it("[GL18] runs the example of its page, alone, from connecting to its end", async () => {
    await using service = await GameLiftService.open();
    const page = readFileSync(path.join(SOURCE, "README.md"), "utf8");
    const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    expect(example.split("\n").length).toBeLessThanOrEqual(21);
    writeFileSync(path.join(app, "example.ts"), example);
    const env = { PATH: process.env["PATH"] ?? "", ...service.environment() };
    const running = run(process.execPath, ["example.ts"], { cwd: app, env });
    await service.waitFor("HeartbeatServerProcess");
    service.placeGameSession({ name: "a match", gameProperties: { map: "small" } });
    await service.waitFor("ActivateGameSession");
    service.terminateProcess(1_795_170_392_624);
    const { stdout } = await running;
    expect(stdout).toContain("hosting a match");
    expect(stdout).toContain("to end by 1795170392624");
    expect(service.requests.map(({ action }) => action)).toEqual([
      "ActivateServerProcess",
      "HeartbeatServerProcess",
      "ActivateGameSession",
      "TerminateServerProcess",
    ]);
    expect(service.violations).toEqual([]);
  }, 30_000);

  it("[GL18] has types that a strict project can use", async () => {
    const use = `import { type GameSession, GameLiftError, ServerSdk } from "${NAME}";
export const sdk: Promise<ServerSdk> = ServerSdk.initSdk({ fleetId: "fleet-1" });
export const name = (session: GameSession): string => session.name;
// @ts-expect-error -- no such policy
export const wrong = async () => (await sdk).updatePlayerSessionCreationPolicy("MAYBE");
export const isUnknown = (error: unknown): boolean => error instanceof GameLiftError && error.isOutcomeUnknown;
`;
    writeFileSync(path.join(app, "use.ts"), use);
    const flags = [
      "--strict",
      "--noEmit",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "",
    ];
    await run(path.join(ROOT, "node_modules/.bin/tsc"), [...flags, "use.ts"], { cwd: app });
  }, 30_000);
});
