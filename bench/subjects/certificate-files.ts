import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { selfSigned } from "../../emulator/front/self-signed.ts";

/** The one certificate that all servers of a run show, ours and the peers, and that the load trusts. */
export interface CertificateFiles {
  /** PEM. */
  readonly certFile: string;
  /** PEM. */
  readonly keyFile: string;
  remove(): void;
}

/** Its key is ECDSA on P-256, which makes a handshake cheaper for the server than one of RSA. */
export function makeCertificateFiles(): CertificateFiles {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-tls-"));
  const { certificate, key } = selfSigned("fleetroom bench", "ec");
  const certFile = path.join(folder, "certificate.pem");
  const keyFile = path.join(folder, "key.pem");
  writeFileSync(certFile, certificate);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { certFile, keyFile, remove: () => rmSync(folder, { recursive: true }) };
}
