import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../emulator/front/self-signed.ts";
import {
  command,
  decoder,
  type Event,
  frame,
  join,
  preamble,
  reconnect,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { until } from "../support/in-process-server.ts";
import { joinAs } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-tls-"));
const [first, second] = [selfSigned("first", "rsa"), selfSigned("second")];
const CERT = path.join(folder, "certificate.pem");
const KEY = path.join(folder, "privateKey.pem");
const started: ServerProcess[] = [];
const usual = tls.getCACertificates();

function write(pair: { certificate: string; key: string }): void {
  writeFileSync(CERT, pair.certificate);
  writeFileSync(KEY, pair.key);
}

async function start(env: Record<string, string>): Promise<ServerProcess> {
  const server = await ServerProcess.start(env);
  started.push(server);
  return server;
}

beforeAll(() => {
  // What the SDK's own HTTP client and WebSocket trust.
  tls.setDefaultCACertificates([first.certificate, second.certificate]);
  write(first);
});
afterAll(() => tls.setDefaultCACertificates(usual));
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

/** Bytes inside TLS, with nothing of ours or Colyseus's around them. */
function bareClient(port: number, transport: Transport, greeting = join(transport, "")) {
  const events: Event[] = [];
  const socket = tls.connect({ port, host: "127.0.0.1" });
  const read = decoder(transport);
  socket.on("error", () => {});
  socket.write(Buffer.concat([preamble(transport), frame(transport, greeting.hello)]));
  socket.on("data", (bytes) => {
    for (const event of read.push(bytes)) {
      events.push(event);
      if (event.reply !== undefined) socket.write(frame(transport, event.reply));
      const hex = event.payload.toString("hex");
      for (const [prefix, reply] of greeting.answers) {
        if (hex.startsWith(prefix)) socket.write(frame(transport, Buffer.from(reply, "hex")));
      }
    }
  });
  const of = (kind: Event["kind"]) => events.filter((event) => event.kind === kind);
  return { socket, of };
}

const httpsUrl = ({ port }: ServerProcess) => ({ url: `https://127.0.0.1:${port}` });

describe("a server with a certificate", () => {
  it("[TS12] requires TLS and says so, and every kind of client plays inside it", async () => {
    const server = await start({
      FLEETROOM_TLS_CERT: CERT,
      FLEETROOM_TLS_KEY: KEY,
      FLEETROOM_DRAIN_MS: "1000",
      // A patch with each tick.
      FLEETROOM_REPLICATION: "schema",
    });
    expect(server.lines[0]).toMatchObject({ event: "server_listening", tls: "required" });
    await server.line("game_session_started");
    await expect(joinAs(server, "psess-local-1")).rejects.toMatchObject({
      code: 426,
      message: expect.stringContaining("TLS"),
    });

    const stock = await joinAs(httpsUrl(server), "psess-local-1");
    const bare = (["tcp", "ws"] as const).map((transport, index) =>
      bareClient(server.port, transport, join(transport, `psess-local-${index + 2}`)),
    );
    await until(() => stock.states > 3);
    for (const [index, { socket, of }] of bare.entries()) {
      await until(() => of("state").length === 1 && of("patch").length > 3);
      const transport = index === 0 ? "tcp" : "ws";
      socket.write(frame(transport, command(1, { buttons: 1, aimRadians: 0 })));
      // A drop, and the way back with the token.
      socket.destroy();
      await server.line("player_dropped", index + 1);
      const token = of("welcome")[0]?.token ?? "";
      const back = bareClient(server.port, transport, reconnect(transport, token));
      await until(() => back.of("patch").length > 3);
    }
    expect(stock.closes).toEqual([]);
    const refused = bareClient(server.port, "tcp", join("tcp", "psess-nobody"));
    await until(() => refused.of("refused").length === 1);
    expect(refused.of("refused")[0]?.code).toBe(4401);
    const { code } = await server.stop();
    expect(code).toBe(0);
    expect(server.stdout + server.stderr).not.toContain("PRIVATE KEY");
  });

  it("[TS12] takes a changed pair while players stay", async () => {
    const server = await start({ FLEETROOM_TLS_DIR: folder, FLEETROOM_TLS: "optional" });
    expect(server.lines[0]).toMatchObject({ tls: "optional" });
    await server.line("game_session_started");
    const [stays, plain] = [
      await joinAs(httpsUrl(server), "psess-local-1"),
      await joinAs(server, "psess-local-2"),
    ];
    write(second);
    await server.line("certificate_loaded", 2);
    const late = await joinAs(httpsUrl(server), "psess-local-3");
    const socket = tls.connect({ port: server.port, host: "127.0.0.1" });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    expect(socket.getPeerCertificate().subject.CN).toBe("second");
    socket.end();
    const seen = stays.states;
    await until(() => stays.states > seen + 3 && plain.states > 3 && late.states > 3);
    expect([stays.closes, plain.closes, late.closes]).toEqual([[], [], []]);
    write(first);
    await server.line("certificate_loaded", 3);
  });
});

it("[TS12] says that it speaks no TLS where it has no certificate", async () => {
  const server = await start({});
  expect(server.lines[0]).toMatchObject({ event: "server_listening", tls: "off" });
});

it("[TS12] does not start with a key of another certificate, and shows nothing of it", async () => {
  const other = path.join(folder, "other.pem");
  writeFileSync(other, second.key);
  const server = await start({ FLEETROOM_TLS_CERT: CERT, FLEETROOM_TLS_KEY: other });
  expect(await server.exited).toMatchObject({ code: 1 });
  expect(server.stderr).toMatch(/^TLS_CERTIFICATE_INVALID: .* do not belong together\n$/);
  expect(server.lines.map(({ event }) => event)).not.toContain("server_listening");
  for (const line of second.key.split("\n").slice(1, -2)) {
    expect(server.stdout + server.stderr).not.toContain(line);
  }
});
