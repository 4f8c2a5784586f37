/** Says what a program is doing, a line for each step, the same on a terminal and in a log. */
export class Steps {
  readonly #count: number;
  readonly #print: (line: string) => void;
  #number = 0;

  /** @param count - Of the steps that will be taken. */
  constructor(count: number, print: (line: string) => void = console.log) {
    this.#count = count;
    this.#print = print;
  }

  /**
   * Takes the next step.
   * @param what - Such as "the server's bundle".
   * @param result - What is said of it when it is done.
   */
  async take<Result>(
    what: string,
    step: () => Result | Promise<Result>,
    result: (result: Result) => string = () => "done",
  ): Promise<Result> {
    this.#number++;
    const head = `[${this.#number}/${this.#count}] ${what}`;
    this.#print(`${head} …`);
    const startedMs = performance.now();
    const value = await step();
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    this.#print(`${" ".repeat(head.indexOf("]") + 2)}${result(value)} (${seconds} s)`);
    return value;
  }
}

/** `44.1 MB`, in units of 1,000,000 bytes as upload limits are given. */
export function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}
