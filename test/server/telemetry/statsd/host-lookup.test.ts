import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { hostLookup } from "../../../../server/telemetry/statsd/host-lookup.ts";
import { newFolder } from "../../../support/log-places.ts";

const MODULE = path.join(import.meta.dirname, "../../../../server/telemetry/statsd/host-lookup.ts");
const HOSTS = `# 10.0.0.9 collector
10.0.0.1\tcollector Collector.Internal # beside it
::5 collector

10.0.0.2
`;

function ask(host: string, options: Parameters<ReturnType<typeof hostLookup>>[1]) {
  const hostsFile = path.join(newFolder(), "hosts");
  writeFileSync(hostsFile, HOSTS);
  return new Promise((resolve) => {
    hostLookup({ hostsFile, servers: ["127.0.0.1:1"] })(host, options, (error, ...found) =>
      resolve(error === null ? found : (error as NodeJS.ErrnoException).code),
    );
  });
}

/** A name server that takes every question and answers none. */
async function deadNameServer(): Promise<string> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => {
    socket.close();
  });
  return `127.0.0.1:${socket.address().port}`;
}

describe("a collector's name", () => {
  it("[SX15] is found in the hosts file, and an address is its own", async () => {
    expect(await ask("collector", 4)).toEqual(["10.0.0.1", 4]);
    expect(await ask("COLLECTOR.internal", {})).toEqual(["10.0.0.1", 4]);
    expect(await ask("collector", 6)).toEqual(["::5", 6]);
    expect(await ask("collector", { all: true })).toEqual([[{ address: "10.0.0.1", family: 4 }]]);
    expect(await ask("192.0.2.1", { family: "IPv4" })).toEqual(["192.0.2.1", 4]);
    expect(await ask("::1", 6)).toEqual(["::1", 6]);
    expect(await ask("beside", {})).toBe("ECONNREFUSED");
  });

  it("[SX15] keeps no process from its end while no name server answers", async () => {
    const program = `
      import { hostLookup } from "${MODULE}";
      for (const name of ["a.example", "b.example", "c.example", "d.example", "e.example"]) {
        hostLookup({ servers: ["${await deadNameServer()}"] })(name, 4, () => {});
      }
      setTimeout(() => process.exit(0), 50);
    `;
    const startMs = performance.now();
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  it("[SX15] is given up when no name server answers", async () => {
    const servers = [await deadNameServer()];
    const startMs = performance.now();
    const error = await new Promise<Error | null>((resolve) =>
      hostLookup({ servers })("a.example", 4, resolve),
    );
    expect(error).toMatchObject({ code: "ETIMEOUT" });
    expect(performance.now() - startMs).toBeLessThan(6_000);
  });
});
