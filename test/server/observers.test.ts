import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Observers } from "../../server/observers.ts";
import { NO_READING } from "../../server/telemetry/readings.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/in-process-server.ts";
import { read } from "./config-sources.ts";

/** Of a pid that this machine cannot have. */
const OTHERS = "server-4194305-7.json";
const OPEN = {
  FLEETROOM_ADMIN_TOKEN: "0123456789abcdef",
  FLEETROOM_ADMIN_PEERS: "10.0.0.0/8",
};

/** Observers whose ports are open, and the targets directory, in which there is another's file. */
async function opened(env: Record<string, string> = {}) {
  const dir = mkdtempSync(path.join(os.tmpdir(), "fleetroom-observers-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(path.join(dir, OTHERS), "[]");
  const quiet = { FLEETROOM_LOG_LEVEL: "error", FLEETROOM_LOG_STDOUT: "0" };
  const config = read({ env: { ...quiet, FLEETROOM_TARGETS_DIR: dir, ...env } });
  const observers = new Observers(config, new FakeClock(0, Date.now()), "1.2.3");
  // The clock stands still, so that no line gets to this process's standard output.
  const ports = { port: 7000, adminPort: 9000, reading: () => NO_READING };
  observers.opened({ ...ports, games: { usual: "arena" }, fleet: "local", tls: "off" });
  const files = () => readdirSync(dir).filter((name) => /^server-.*json$/.test(name));
  const own = () => files().find((name) => name !== OTHERS);
  await until(() => own() !== undefined);
  const [entry] = JSON.parse(readFileSync(path.join(dir, own() ?? ""), "utf8")) as {
    targets: string[];
  }[];
  return { observers, files, own, target: entry?.targets[0] ?? "" };
}

describe("the targets file of a server", () => {
  it("[OB4] is removed by whoever sees that its process is dead, on one machine", async () => {
    const { files, target } = await opened();
    expect(target).toBe("127.0.0.1:9000");
    await until(() => !files().includes(OTHERS));
  });

  it("[OB4] stays where its process may be in another container, with the address from there", async () => {
    const { observers, files, target } = await opened({
      ...OPEN,
      FLEETROOM_ADMIN_HOST: "10.1.2.3",
    });
    expect(target).toBe("10.1.2.3:9000");
    await observers.leave();
    expect(files()).toEqual([OTHERS]);
  });

  it("[OB4] names no address that means every machine", async () => {
    for (const FLEETROOM_ADMIN_HOST of ["0.0.0.0", "::"]) {
      const { observers, target } = await opened({ ...OPEN, FLEETROOM_ADMIN_HOST });
      await observers.leave();
      const [, address = ""] = /^\[?([^\]]*?)\]?:9000$/.exec(target) ?? [];
      expect(isIP(address)).not.toBe(0);
      const hasOthers = Object.values(os.networkInterfaces()).some((all) =>
        all?.some(({ internal }) => !internal),
      );
      if (hasOthers) expect(address).not.toBe(FLEETROOM_ADMIN_HOST);
    }
  });

  it("[OB5] is gone when the server never got so far as to leave", async () => {
    const { observers, own } = await opened();
    await observers.settled();
    expect(own()).toBeUndefined();
  });
});
