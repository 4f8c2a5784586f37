import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../infra/temporary-folder.ts";

const PROGRAM = path.join(import.meta.dirname, "../../../scripts/container/health.ts");

/** An admin port that gives one answer; none at all with status 0. */
async function adminPort(status: number): Promise<AsyncDisposable & { readonly port: number }> {
  const paths: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    paths.push(request.url);
    if (status !== 0) response.writeHead(status).end(`{"status":${status}}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      expect(paths).toEqual(["/healthz"]);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** @param settings - Of `fleetroom.json`, where it is started. */
async function asked(env: Record<string, string>, settings?: object) {
  using folder = temporaryFolder();
  if (settings !== undefined) folder.write("fleetroom.json", JSON.stringify(settings));
  const child = spawn(process.execPath, [PROGRAM], { cwd: folder.folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

describe("a container's health check", () => {
  it("[IF25] says yes to a server that is well, at the port of its settings", async () => {
    await using server = await adminPort(200);
    const answer = await asked({}, { adminPort: String(server.port) });
    expect(answer).toEqual({ code: 0, output: '{"status":200}' });
  });

  it("[IF25] takes the variable before the settings, as the server does", async () => {
    await using server = await adminPort(200);
    const env = { FLEETROOM_ADMIN_PORT: String(server.port) };
    expect(await asked(env, { adminPort: "1" })).toMatchObject({ code: 0 });
  });

  it.concurrent("[IF25] says no to one that is not, and shows why", async () => {
    await using server = await adminPort(503);
    const answer = await asked({}, { adminPort: String(server.port) });
    expect(answer).toEqual({ code: 1, output: '{"status":503}' });
  });

  it.concurrent("[IF25] says no where nobody answers in time", async () => {
    await using server = await adminPort(0);
    const answer = await asked({}, { adminPort: String(server.port) });
    expect(answer).toEqual({ code: 1, output: "no answer within 4000 ms\n" });
  });

  it.concurrent("[IF25] says no where nobody listens", async () => {
    const { code, output } = await asked({ FLEETROOM_ADMIN_PORT: "1" });
    expect(code).toBe(1);
    expect(output).toContain("ECONNREFUSED");
  });
});
