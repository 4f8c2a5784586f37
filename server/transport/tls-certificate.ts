/**
 * The certificate of the game port with its key: read, judged, and read again while the server runs.
 * @module
 */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { createSecureContext } from "node:tls";
import type { CancelTimer, Clock } from "../clock.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

/** Where a pair lies: two files, or a directory as a fleet makes it. Absolute paths; `""` for what is not named. */
export interface CertificatePlace {
  readonly certFile: string;
  readonly keyFile: string;
  readonly dir: string;
}

/** A certificate and the key that belongs to it, as PEM. */
export interface KeyPair {
  /** The server's own certificate first, then those that lead from it to a root. */
  readonly certificates: string;
  /** A secret. */
  readonly key: string;
  /** For the log. */
  readonly info: {
    /** SHA-256 of the server's certificate. */
    readonly fingerprint: string;
    /** Host names and addresses it is good for. */
    readonly names: string;
    /** ISO 8601. */
    readonly validUntil: string;
  };
}

/** Files of the directory that a fleet's GetComputeCertificate names; the chain may be missing. */
const FLEET_FILES = {
  certificate: "certificate.pem",
  chain: "certificateChain.pem",
  key: "privateKey.pem",
} as const;

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----[\s\S]*?-----END \1-----/g;

/** What is wrong with a pair, in words that name files and never quote them. */
class PairProblem extends Error {
  override readonly name = "PairProblem";
}

/** Keeps the pair that is in force, and looks again and again whether there is a newer one. */
export class CertificateWatch {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #place: CertificatePlace;
  readonly #onPair: (pair: KeyPair) => void;
  /** What was read last, good or not: a change is judged once. */
  #lastSeen = "";
  #cancel: CancelTimer = () => {};
  #isClosed = false;

  /** @param onPair - Gets the first pair during {@link open} and then each new one. */
  constructor(
    deps: { clock: Clock; telemetry: Telemetry; place: CertificatePlace },
    onPair: (pair: KeyPair) => void,
  ) {
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#place = deps.place;
    this.#onPair = onPair;
  }

  /** Reads the pair and watches it from now on. @throws GameServerError TLS_CERTIFICATE_INVALID */
  async open(): Promise<void> {
    const seen = await readFiles(this.#place);
    this.#lastSeen = traceOf(seen);
    try {
      this.#use(pairOf(seen));
    } catch (cause) {
      throw new GameServerError(ErrorCode.TLS_CERTIFICATE_INVALID, wordsOf(cause), { cause });
    }
    this.#watch();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** By time: what tells of changed files loses sight of one that another is renamed over. */
  #watch(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#clock.after(TRANSPORT_LIMITS.certificateLookMs, () => {
      void this.#look().finally(() => this.#watch());
    });
  }

  async #look(): Promise<void> {
    const seen = await readFiles(this.#place);
    const trace = traceOf(seen);
    if (this.#isClosed || trace === this.#lastSeen) return;
    this.#lastSeen = trace;
    try {
      this.#use(pairOf(seen));
    } catch (cause) {
      this.#telemetry.certificateRejected({ problem: wordsOf(cause) });
    }
  }

  #use(pair: KeyPair): void {
    this.#onPair(pair);
    this.#telemetry.certificateLoaded(pair.info);
  }
}

interface ReadFile {
  readonly path: string;
  /** What it holds, or why that cannot be known. */
  readonly text: string | { readonly problem: string };
}

interface ReadFiles {
  readonly certificate: ReadFile;
  readonly key: ReadFile;
  /** Only in a directory. */
  readonly chain?: ReadFile;
}

async function readFiles({ certFile, keyFile, dir }: CertificatePlace): Promise<ReadFiles> {
  if (dir === "") {
    const [certificate, key] = await Promise.all([certFile, keyFile].map(readSmallFile));
    return { certificate, key } as ReadFiles;
  }
  // A fleet may name the certificate instead of the directory it lies in.
  const folder = await stat(dir).then(
    (found) => (found.isFile() ? path.dirname(dir) : dir),
    () => dir,
  );
  const names = [FLEET_FILES.certificate, FLEET_FILES.key, FLEET_FILES.chain];
  const [certificate, key, chain] = await Promise.all(
    names.map((name) => readSmallFile(path.join(folder, name))),
  );
  const isChainMissing = typeof chain?.text === "object" && chain.text.problem === MISSING;
  return { certificate, key, ...(isChainMissing ? {} : { chain }) } as ReadFiles;
}

const MISSING = "does not exist";

async function readSmallFile(file: string): Promise<ReadFile> {
  const problem = (words: string) => ({ path: file, text: { problem: words } });
  try {
    const found = await stat(file);
    if (!found.isFile()) return problem("is no file");
    const { certificateFileBytesMax: most } = TRANSPORT_LIMITS;
    if (found.size > most) return problem(`has more than ${most} bytes`);
    return { path: file, text: await readFile(file, "latin1") };
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return problem(code === "ENOENT" ? MISSING : `cannot be read (${code})`);
  }
}

/** Equal for equal files. */
function traceOf(files: ReadFiles): string {
  const all = [files.certificate, files.key, files.chain];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64");
}

/** @throws PairProblem */
function pairOf({ certificate, key, chain }: ReadFiles): KeyPair {
  const [own, ...others] = certificatesIn(certificate);
  if (own === undefined) throw new PairProblem(`${certificate.path} holds no certificate`);
  const privateKey = keyIn(key);
  if (!own.checkPrivateKey(privateKey)) {
    throw new PairProblem(`${certificate.path} and ${key.path} do not belong together`);
  }
  if (chain !== undefined) others.push(...certificatesIn(chain));
  // Some write their own certificate into the chain as well.
  const rest = others.filter(({ fingerprint256 }) => fingerprint256 !== own.fingerprint256);
  const pair: KeyPair = {
    certificates: [own, ...rest].join(""),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    info: {
      fingerprint: own.fingerprint256,
      names: own.subjectAltName ?? "",
      validUntil: own.validToDate.toISOString(),
    },
  };
  try {
    createSecureContext({ cert: pair.certificates, key: pair.key });
  } catch (cause) {
    const words = `${certificate.path} cannot be used for TLS (${codeOf(cause)})`;
    throw new PairProblem(words, { cause });
  }
  return pair;
}

function certificatesIn(file: ReadFile): X509Certificate[] {
  return blocksIn(file)
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ block }, index) => {
      try {
        return new X509Certificate(block);
      } catch (cause) {
        const words = `certificate ${index + 1} of ${file.path} is damaged (${codeOf(cause)})`;
        throw new PairProblem(words, { cause });
      }
    });
}

function keyIn(file: ReadFile): KeyObject {
  const found = blocksIn(file).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (found === undefined) throw new PairProblem(`${file.path} holds no private key`);
  if (found.block.includes("ENCRYPTED")) {
    throw new PairProblem(
      `the private key of ${file.path} is encrypted; store it without a password`,
    );
  }
  try {
    return createPrivateKey(found.block);
  } catch (cause) {
    throw new PairProblem(`the private key of ${file.path} is damaged (${codeOf(cause)})`);
  }
}

function blocksIn({ path: file, text }: ReadFile): { label: string; block: string }[] {
  if (typeof text !== "string") throw new PairProblem(`${file} ${text.problem}`);
  const count = (word: string) => text.split(word).length - 1;
  const begun = count("-----BEGIN ");
  const blocks = begun === count("-----END ") ? [...text.matchAll(BLOCK)] : [];
  // Half a file is not taken for a shorter one.
  if (blocks.length !== begun) throw new PairProblem(`${file} is cut off or damaged`);
  return blocks.map(([block, label = ""]) => ({ label, block }));
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "no code";
}

function wordsOf(error: unknown): string {
  if (error instanceof PairProblem) return error.message;
  return `the certificate or its key cannot be used (${codeOf(error)})`;
}
