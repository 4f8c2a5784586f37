import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import { type SelfSigned, selfSigned } from "./front/self-signed.ts";

/** Of the certificate, what server processes write, the zips of their logs, uploaded builds, and these unpacked. */
const DATA_FOLDERS = ["tls", "output", "logs", "builds", "games"];

/** Where the emulator keeps files. */
export interface DataDirectory {
  readonly path: string;
  /** Removes it, when it was made for this run alone. */
  close(): void;
}

/**
 * @param wanted - Absolute; a temporary one unless given.
 * @throws EmulatorError EMULATOR_CONFIG_INVALID when it cannot be made or written to.
 */
export function openDataDirectory(wanted: string | undefined): DataDirectory {
  if (wanted !== undefined) {
    try {
      mkdirSync(wanted, { recursive: true });
      for (const folder of DATA_FOLDERS) makeWritable(path.join(wanted, folder));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const words = `--data = ${wanted}: cannot be written to (${code}); allowed is a folder of one's own`;
      throw new EmulatorError(EmulatorErrorCode.EMULATOR_CONFIG_INVALID, words, { cause });
    }
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

/** A file in it says more than its mode: disks may be full or read only. */
function makeWritable(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const probe = mkdtempSync(path.join(folder, ".probe-"));
  try {
    writeFileSync(path.join(probe, "x"), "x");
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
