import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { holdComputeName } from "../../../scripts/anywhere/sole-supervisor.ts";

const MODULE = fileURLToPath(
  new URL("../../../scripts/anywhere/sole-supervisor.ts", import.meta.url),
);
const newFolder = () => mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));

describe("a compute's name on one machine", () => {
  it("[AN22] is held by one supervisor, until that gives it back", async () => {
    const folder = newFolder();
    const release = await holdComputeName("fleet-1", "laptop", folder);
    const second = holdComputeName("fleet-1", "laptop", folder);
    await expect(second).rejects.toMatchObject({ code: "ANYWHERE_ALREADY_RUNNING" });
    const others = [
      await holdComputeName("fleet-2", "laptop", folder),
      await holdComputeName("fleet-1", "other", folder),
    ];
    await release();
    await (await holdComputeName("fleet-1", "laptop", folder))();
    for (const other of others) await other();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("[AN22] is free once the process that held it was killed", async () => {
    const folder = newFolder();
    const hold = `
      import { holdComputeName } from ${JSON.stringify(MODULE)};
      await holdComputeName("fleet-1", "laptop", ${JSON.stringify(folder)});
      console.log("held");
      setInterval(() => {}, 1_000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", hold], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      const second = holdComputeName("fleet-1", "laptop", folder);
      await expect(second).rejects.toMatchObject({ code: "ANYWHERE_ALREADY_RUNNING" });
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(readdirSync(folder)).toHaveLength(1);
    await (await holdComputeName("fleet-1", "laptop", folder))();
  });
});
