import { VERIFY_LIMITS } from "./limits.ts";

/** What a process printed: the last lines, and which secrets were among it. */
export class OutputWatch {
  readonly #onSecret: (what: string) => void;
  readonly #secrets = new Map<string, string>();
  #lines: string[] = [];
  #rest = "";
  /** The end of what came before: a secret may come in two pieces. */
  #before = "";

  constructor(onSecret: (what: string) => void = () => {}) {
    this.#onSecret = onSecret;
  }

  /** @param what - Such as `the auth token`. */
  mind(secret: string, what: string): void {
    this.#secrets.set(secret, what);
  }

  add(bytes: Buffer): void {
    const text = bytes.toString();
    const window = this.#before + text;
    for (const [secret, what] of this.#secrets) {
      if (window.includes(secret, Math.max(0, this.#before.length - secret.length + 1)))
        this.#onSecret(what);
    }
    this.#before = window.slice(-VERIFY_LIMITS.secretCharsMax);
    const { outputLinesMax, outputLineCharsMax } = VERIFY_LIMITS;
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, outputLineCharsMax);
    this.#lines.push(...lines.map((line) => line.slice(0, outputLineCharsMax)));
    this.#lines = this.#lines.slice(-outputLinesMax);
  }

  /** Newest last, without secrets and without what a terminal would obey. */
  lines(): readonly string[] {
    const all = this.#rest === "" ? this.#lines : [...this.#lines, this.#rest];
    return all.map((line) => this.#shown(line));
  }

  #shown(line: string): string {
    let text = line.replaceAll(/\p{Cc}(\[[0-9;]*m)?/gu, " ").trimEnd();
    for (const secret of this.#secrets.keys()) text = text.replaceAll(secret, "***");
    return text;
  }
}
