import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import tls, { type TlsOptions } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import {
  handshakeProblem,
  openSecure,
  type StreamOpener,
  TLS_OFFER,
} from "../../bench/swarm/streams-to-server.ts";
import { selfSigned } from "../../emulator/front/self-signed.ts";

const own = selfSigned("bench");
const whole = { ...TLS_OFFER, isResumed: false };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function server(options: TlsOptions = {}): Promise<number> {
  const listening = tls.createServer(
    { cert: own.certificate, key: own.key, ...options },
    (stream) => {
      stream.on("error", () => {});
      stream.write("welcome");
    },
  );
  listening.on("tlsClientError", () => {});
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  closing.push(() => listening.close());
  return (listening.address() as AddressInfo).port;
}

/** @returns The stream once it is open, or the words of what went wrong. */
function outcome(open: StreamOpener, port: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const stream = open(port, () => resolve(stream));
    closing.push(() => stream.destroy());
    let why = "";
    stream.on("error", (error) => {
      why = error.message;
    });
    stream.on("close", () => resolve(why));
  });
}

describe("the load under TLS", () => {
  it("[BN5] makes with a server of Node's defaults the one handshake that is measured", async () => {
    const stream = await outcome(openSecure(own.certificate), await server());
    expect(stream).toBeInstanceOf(tls.TLSSocket);
    expect(String((await once(stream as Socket, "data"))[0])).toBe("welcome");
  });

  it("[BN5] shows no session of an earlier connection", async () => {
    const port = await server();
    const open = openSecure(own.certificate);
    const first = (await outcome(open, port)) as tls.TLSSocket;
    await once(first, "session");
    const second = (await outcome(open, port)) as tls.TLSSocket;
    expect(second.isSessionReused()).toBe(false);
  });

  it.each([
    ["another version", { maxVersion: "TLSv1.2" }, {}, /protocol version/i],
    ["another suite", { ciphers: "TLS_AES_128_GCM_SHA256" }, {}, /handshake failure/i],
    ["another certificate", selfSignedAs("other"), {}, /self-signed certificate/],
    [
      "another suite, though the load offered it",
      {},
      { ciphers: "TLS_CHACHA20_POLY1305_SHA256" },
      /TLS suite TLS_CHACHA20_POLY1305_SHA256 instead of TLS_AES_256_GCM_SHA384/,
    ],
    [
      "another group, though the load offered it",
      {},
      { ecdhCurve: "P-256" },
      /TLS group prime256v1 instead of X25519/,
    ],
  ] as const)("[BN5] ends a connection with %s", async (_what, served, offered, why) => {
    const open = openSecure(own.certificate, offered);
    expect(await outcome(open, await server(served))).toMatch(why);
  });

  it.each([
    [whole, undefined],
    [{ ...whole, isResumed: true }, "a TLS session was resumed"],
    [{ ...whole, version: "TLSv1.2" }, "TLS version TLSv1.2 instead of TLSv1.3"],
    [{ ...whole, group: "X25519MLKEM768" }, "TLS group X25519MLKEM768 instead of X25519"],
  ])("[BN5] judges the handshake %j: %s", (made, problem) => {
    expect(handshakeProblem(made)).toBe(problem);
  });
});

function selfSignedAs(name: string): TlsOptions {
  const { certificate, key } = selfSigned(name);
  return { cert: certificate, key };
}
