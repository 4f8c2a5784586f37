import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type SelfSigned, selfSigned } from "./front/self-signed.ts";

/** Where the emulator keeps files. */
export interface DataDirectory {
  readonly path: string;
  /** Removes it, when it was made for this run alone. */
  close(): void;
}

/** @param wanted - Absolute; a temporary one unless given. */
export function openDataDirectory(wanted: string | undefined): DataDirectory {
  if (wanted !== undefined) {
    mkdirSync(wanted, { recursive: true });
    return { path: wanted, close: () => {} };
  }
  const made = mkdtempSync(path.join(os.tmpdir(), "fleetroom-emulator-"));
  return { path: made, close: () => rmSync(made, { recursive: true, force: true }) };
}

/** A certificate of this run, in files as Amazon GameLift names them. */
export interface WrittenCertificate extends SelfSigned {
  /** Of `certificate.pem` and `privateKey.pem`. */
  readonly folder: string;
  readonly certificateFile: string;
}

export function writeCertificate(data: DataDirectory): WrittenCertificate {
  const folder = path.join(data.path, "tls");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pair = selfSigned("fleetroom emulator");
  const certificateFile = path.join(folder, "certificate.pem");
  const keyFile = path.join(folder, "privateKey.pem");
  // A file of an earlier run keeps its mode when it is written again.
  rmSync(keyFile, { force: true });
  writeFileSync(certificateFile, pair.certificate);
  writeFileSync(keyFile, pair.key, { mode: 0o600 });
  return { ...pair, folder, certificateFile };
}
