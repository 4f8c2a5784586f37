import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { CertificateWatch, type KeyPair } from "../../../server/transport/tls-certificate.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";

const [first, second] = [selfSigned("first"), selfSigned("second", "rsa")];
const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256;

let folder: string;
let clock: FakeClock;
let telemetry: MemoryTelemetry;
let pairs: KeyPair[];
let watches: CertificateWatch[];
const at = (name: string) => path.join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-tls-"));
  clock = new FakeClock();
  telemetry = new MemoryTelemetry();
  [pairs, watches] = [[], []];
});
afterEach(() => {
  for (const watch of watches) watch.close();
  rmSync(folder, { recursive: true });
});

function write(certificate: string, key: string): void {
  writeFileSync(at("cert.pem"), certificate);
  writeFileSync(at("key.pem"), key);
}

async function open(place: { certFile?: string; keyFile?: string; dir?: string } = {}) {
  const files = { certFile: at("cert.pem"), keyFile: at("key.pem") };
  const named = { ...(place.dir === undefined ? files : { certFile: "", keyFile: "" }), dir: "" };
  const watch = new CertificateWatch({ clock, telemetry, place: { ...named, ...place } }, (pair) =>
    pairs.push(pair),
  );
  watches.push(watch);
  await watch.open();
  return watch;
}

/** One look at the files, from its time to its end. */
async function look(): Promise<void> {
  clock.advance(TRANSPORT_LIMITS.certificateLookMs);
  await until(() => clock.pendingTimers === 1);
  await settle();
}

const certificatesOf = (pair: KeyPair | undefined) =>
  [...(pair?.certificates ?? "").matchAll(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g)].map(
    ([pem]) => fingerprintOf(pem),
  );

describe("a certificate", () => {
  it("[TS3] is read from two files, whatever else they hold", async () => {
    const text = `Bag Attributes\n${first.certificate}\nmore\n${second.certificate}`;
    write(
      text,
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${first.key}`,
    );
    await open();
    expect(certificatesOf(pairs[0])).toEqual(
      [first, second].map((one) => fingerprintOf(one.certificate)),
    );
    expect(telemetry.of("certificateLoaded")).toEqual([
      {
        fingerprint: fingerprintOf(first.certificate),
        names: "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
        validUntil: "2049-12-31T23:59:59.000Z",
      },
    ]);
  });

  it.each([
    ["is left out", undefined, 1],
    ["has the others", second.certificate, 2],
    ["has the own one as well", first.certificate + second.certificate, 2],
  ])(
    "[TS3] is read from a fleet's directory, or by a file in it, where the chain %s",
    async (_what, chain, count) => {
      writeFileSync(at("certificate.pem"), first.certificate);
      writeFileSync(at("privateKey.pem"), first.key);
      if (chain !== undefined) writeFileSync(at("certificateChain.pem"), chain);
      for (const dir of [folder, at("certificate.pem")]) {
        await open({ dir });
        expect(certificatesOf(pairs.at(-1))).toEqual(
          [first, second].slice(0, count).map((one) => fingerprintOf(one.certificate)),
        );
      }
    },
  );

  const { privateKey: other } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const encrypted = (type: "pkcs8" | "sec1") =>
    other.export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "hunter2" }) as string;
  const damaged = (pem: string) => pem.replace(/\n[^-\n]{20}/, `\n${"A".repeat(20)}`);
  const half = (pem: string) => pem.slice(0, pem.length / 2);
  const weak = selfSigned("weak", "rsa", 512);

  it.each([
    ["an empty certificate", "", first.key, /cert\.pem holds no certificate$/],
    ["a key for a certificate", first.key, first.key, /cert\.pem holds no certificate$/],
    ["half a certificate", half(first.certificate), first.key, /cert\.pem is cut off or damaged$/],
    [
      "a damaged certificate",
      damaged(first.certificate),
      first.key,
      /certificate 1 of .*cert\.pem is damaged/,
    ],
    [
      "half a chain",
      first.certificate + half(second.certificate),
      first.key,
      /cert\.pem is cut off/,
    ],
    [
      "a damaged chain",
      first.certificate + damaged(second.certificate),
      first.key,
      /certificate 2 of/,
    ],
    ["an empty key", first.certificate, "", /key\.pem holds no private key$/],
    ["half a key", first.certificate, half(first.key), /key\.pem is cut off or damaged$/],
    ["a damaged key", first.certificate, damaged(first.key), /key\.pem is damaged/],
    [
      "an encrypted key",
      first.certificate,
      encrypted("pkcs8"),
      /key\.pem is encrypted; store it without/,
    ],
    [
      "an encrypted key of old",
      first.certificate,
      encrypted("sec1"),
      /key\.pem is encrypted; store it without/,
    ],
    [
      "a key of another certificate",
      first.certificate,
      second.key,
      /cert\.pem and .*key\.pem do not belong together$/,
    ],
    ["a weak key", weak.certificate, weak.key, /cert\.pem cannot be used for TLS \(\w+\)$/],
    [
      "too much",
      `${first.certificate}${" ".repeat(70_000)}`,
      first.key,
      /cert\.pem has more than 65536 bytes$/,
    ],
  ])(
    "[TS4] is refused by words with %s, and they quote nothing",
    async (_what, certificate, key, words) => {
      write(certificate, key);
      const error = await open().catch((thrown: unknown) => thrown as Error);
      expect(error).toMatchObject({ name: "GameServerError", code: "TLS_CERTIFICATE_INVALID" });
      const { message, cause } = error as Error;
      expect(message).toMatch(words);
      const lines = `${certificate}\n${key}`
        .split("\n")
        .filter((line) => line.length > 12 && !line.includes("-----"));
      for (const line of lines)
        expect(`${message} ${String(cause)}`).not.toContain(line.slice(0, 12));
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it("[TS4] is refused by words where there is no file", async () => {
    await expect(open()).rejects.toThrow(/cert\.pem does not exist$/);
    writeFileSync(at("cert.pem"), first.certificate);
    mkdirSync(at("key.pem"));
    await expect(open()).rejects.toThrow(/key\.pem is no file$/);
    await expect(open({ dir: folder })).rejects.toThrow(/certificate\.pem does not exist$/);
    await expect(open({ dir: at("nowhere") })).rejects.toThrow(/certificate\.pem does not exist$/);
  });
});

describe("a certificate that is watched", () => {
  it("[TS5] is taken when it changes, also by a rename, and once", async () => {
    write(first.certificate, first.key);
    await open();
    await look();
    expect(pairs).toHaveLength(1);
    writeFileSync(at("new-cert"), second.certificate);
    writeFileSync(at("new-key"), second.key);
    renameSync(at("new-key"), at("key.pem"));
    renameSync(at("new-cert"), at("cert.pem"));
    await look();
    await look();
    expect(pairs.map((pair) => pair.info.fingerprint)).toEqual(
      [first, second].map((one) => fingerprintOf(one.certificate)),
    );
    expect(pairs[1]?.key).toBe(second.key);
    expect(telemetry.of("certificateRejected")).toEqual([]);
  });

  it("[TS5] stays while the new one is half written, which is told once per change", async () => {
    write(first.certificate, first.key);
    await open();
    const states = [
      [second.certificate.slice(0, 300), first.key, "is cut off or damaged"],
      [second.certificate, first.key, "do not belong together"],
      [second.certificate, "", "holds no private key"],
    ] as const;
    for (const [index, [certificate, key, words]] of states.entries()) {
      write(certificate, key);
      for (let times = 0; times < 3; times++) await look();
      const told = telemetry.of("certificateRejected");
      expect(told).toHaveLength(index + 1);
      expect(told.at(-1)?.problem).toContain(words);
    }
    expect(pairs).toHaveLength(1);
    rmSync(at("key.pem"));
    await look();
    write(second.certificate, second.key);
    await look();
    expect(pairs.map((pair) => pair.info.names.length > 0)).toEqual([true, true]);
    expect(telemetry.of("certificateRejected")).toHaveLength(4);
  });

  it("[TS5] is not looked at before its time, nor after the end", async () => {
    write(first.certificate, first.key);
    const watch = await open();
    write(second.certificate, second.key);
    await clock.advanceAsync(TRANSPORT_LIMITS.certificateLookMs - 1);
    expect(pairs).toHaveLength(1);
    await clock.advanceAsync(1);
    // In the middle of a look.
    watch.close();
    for (let reads = 0; reads < 20; reads++) await readFile(at("cert.pem"));
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(10 * TRANSPORT_LIMITS.certificateLookMs);
    expect(clock.pendingTimers).toBe(0);
    expect(pairs).toHaveLength(1);
  });
});
