import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { expect } from "vitest";
import { selfSigned } from "../../emulator/front/self-signed.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { pause, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

const HANDSHAKES_PER_SECOND = 100;
/** What two seconds have may begin at once. */
const BURST = 2 * HANDSHAKES_PER_SECOND;
/** Of so many one goes on to its end; the others are abandoned, which costs an attacker next to nothing. */
const WHOLE_ONE_OF = 4;
const ANSWER_WITHIN_MS = 6_000;

/** TLS handshakes at a steady rate, beside an honest player on the same port. The key is RSA: the dearest to use. */
export async function shakeHands(options: {
  count: number;
  perSecond: number;
  controlMs: number;
}): Promise<void> {
  const random = new Random(seedOf("handshakes"));
  const { certificate, key } = selfSigned("localhost", "rsa");
  const folder = mkdtempSync(path.join(os.tmpdir(), "handshakes-"));
  const [certFile, keyFile] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  writeFileSync(certFile, certificate);
  writeFileSync(keyFile, key);
  const server = await HostileServer.start(random, {
    players: 4,
    env: {
      FLEETROOM_TLS: "optional",
      FLEETROOM_TLS_CERT: certFile,
      FLEETROOM_TLS_KEY: keyFile,
      FLEETROOM_TLS_HANDSHAKES_PER_SECOND: String(HANDSHAKES_PER_SECOND),
    },
  });
  const honest = await HonestPlayer.join(server);
  const hello = await clientHello();
  const ends = { whole: 0, answered: 0, refused: 0 };

  async function shake(number: number): Promise<void> {
    const isWhole = number % WHOLE_ONE_OF === 0;
    const outcome = await (isWhole ? wholeHandshake(server.port) : abandoned(server.port, hello));
    ends[outcome]++;
  }

  try {
    const control = await honest.undisturbed(options.controlMs);
    const startMs = performance.now();
    const attacked = await honest.during(async () => {
      const shaken: Promise<void>[] = [];
      while (shaken.length < options.count) {
        const due = ((performance.now() - startMs) / 1000) * options.perSecond;
        while (shaken.length < Math.min(due, options.count)) shaken.push(shake(shaken.length));
        await pause(2);
      }
      await Promise.all(shaken);
    }, options.controlMs);
    const seconds = (performance.now() - startMs) / 1000;
    const { perSecond, count } = options;
    report("handshakes", { count, perSecond, ends, control, attacked, ...server.cpu() });
    expect(server.lives).toBe(true);
    expect(ends.whole + ends.answered).toBeLessThanOrEqual(BURST + HANDSHAKES_PER_SECOND * seconds);
    expect(ends.whole).toBeGreaterThan(0);
    expect(ends.refused).toBeGreaterThan(0);
    expect(attacked.closeCode).toBeUndefined();
    expect(attacked.missedTicks).toBe(0);
  } finally {
    await honest.leave();
    await server.stop();
  }
}

/** What a client says first, as this Node says it. */
async function clientHello(): Promise<Buffer> {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as net.AddressInfo;
  const client = tls.connect({ port, host: "127.0.0.1" }).on("error", () => {});
  const [socket] = (await once(listener, "connection")) as [net.Socket];
  const [hello] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  listener.close();
  return hello;
}

/** Says its first words, and goes as soon as the server has done its part. */
function abandoned(port: number, hello: Buffer): Promise<"answered" | "refused"> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" }, () => socket.write(hello));
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on("error", () => {});
    socket.once("data", () => {
      resolve("answered");
      socket.resetAndDestroy();
    });
    socket.once("close", () => resolve("refused"));
  });
}

function wholeHandshake(port: number): Promise<"whole" | "refused"> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve("whole");
      socket.destroy();
    });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", () => resolve("refused"));
  });
}
