/** What was found out about a build, a line for each promise. */
export class Report {
  readonly #print: (line: string) => void;
  #kept = 0;
  #broken = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /**
   * @param promise - What is true of a good build.
   * @param wrong - What was seen instead, with what to do; nothing when the promise is kept.
   * @returns Whether it is.
   */
  judge(promise: string, wrong: string | undefined): boolean {
    if (wrong === undefined) {
      this.#kept++;
      this.#print(`  ok      ${promise}`);
      return true;
    }
    this.#broken++;
    this.#print(`  BROKEN  ${promise}: ${wrong}`);
    return false;
  }

  /** What is neither kept nor broken. */
  note(text: string): void {
    this.#print(`  note    ${text}`);
  }

  get isGood(): boolean {
    return this.#broken === 0 && this.#kept > 0;
  }

  get summary(): string {
    return `${this.#kept} kept, ${this.#broken} broken`;
  }
}
