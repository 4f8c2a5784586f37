import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { GameLiftClient, ListFleetsCommand, ResolveAliasCommand } from "@aws-sdk/client-gamelift";
import { afterAll, describe, expect, it } from "vitest";
import { EmulatorProgram } from "../support/emulator-program.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const PAGE = path.join(ROOT, "docs/DEPLOY.md");
const BASH = "/bin/bash";

const run = promisify(execFile);
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-deploy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines for the second terminal, as they stand in the page. */
function linesOfThePage(): string {
  const [, lines] = /```sh\n(.*?)```/s.exec(readFileSync(PAGE, "utf8")) ?? [];
  if (lines === undefined) throw new Error(`${PAGE} has no lines for a shell`);
  return lines;
}

describe("docs/DEPLOY.md", () => {
  it("[VG4] leads, line by line, from a build to a fleet on the emulator and to the next one", async () => {
    const zip = path.join(folder, "out");
    await run(process.execPath, ["scripts/build-gamelift.ts", "--out", zip], { cwd: ROOT });
    await using emulator = await EmulatorProgram.start();
    // Where the page has the usual port and the build of the clone, here are those of the test.
    const lines = linesOfThePage()
      .replaceAll("http://127.0.0.1:9080", emulator.url)
      .replace("upload-build)", `upload-build -- --zip ${zip}/fleetroom-*.zip)`);
    expect(lines).toContain(emulator.url);
    expect(lines).toContain(zip);
    const { stdout, stderr } = await run(BASH, ["-euo", "pipefail", "-c", lines], { cwd: ROOT });
    expect(stderr).toContain("is deleted");
    const client = new GameLiftClient({
      endpoint: emulator.url,
      region: "us-west-2",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
    });
    const { FleetIds } = await client.send(new ListFleetsCommand({}));
    expect(FleetIds).toEqual([stdout.trim()]);
    const AliasId = /alias (alias-\S+) leads to/.exec(stderr)?.[1];
    const { FleetId } = await client.send(new ResolveAliasCommand({ AliasId }));
    expect(FleetId).toBe(stdout.trim());
    client.destroy();
  });
});
