/**
 * A program of ours as a child process: started, restarted when it dies or its sources change, ended.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { lineReader, parseRecord, readableLogLine } from "./child-output.ts";

/** A server that has not said where it listens by then will not. */
const START_TIMEOUT_MS = 15_000;

/** After this a program hangs. */
const STOP_TIMEOUT_MS = 12_000;

/** Deaths in a row, each sooner than {@link STEADY_MS} after its start, after which we stop trying. */
const DEATHS_MAX = 5;
const STEADY_MS = 10_000;

/** Pause before the first restart; doubles with each death in a row. */
const RESTART_PAUSE_MS = 500;

/** Last lines of stderr kept to explain a failed start. */
const STDERR_LINES_MAX = 30;

export interface ChildProgramDeps {
  /** For messages. */
  readonly name: string;
  /** What Node runs, absolute. */
  readonly script: string;
  /** Its working directory, absolute. */
  readonly folder: string;
  /** All of it; asked for at each start. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it listens, if a line of its log says so. */
  readonly urlIn: (record: Readonly<Record<string, unknown>>) => string | undefined;
  /** Prints one line for the person at the terminal. */
  readonly print: (line: string) => void;
  /** Whether anything may be started at all; false once we are ending. */
  readonly isEnding: () => boolean;
}

export class ChildProgram {
  readonly #deps: ChildProgramDeps;
  #child: ChildProcess | undefined;
  #url: string | undefined;
  #deathsInRow = 0;
  /** Starts and stops follow one another, whatever asks for them. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: ChildProgramDeps) {
    this.#deps = deps;
  }

  /** Where it listens; `undefined` while it does not. */
  get url(): string | undefined {
    return this.#url;
  }

  /** @throws Error with the child's own words when it does not come up within 15 s. */
  start(): Promise<string> {
    return this.#enqueue(() => this.#launch());
  }

  /** Ends the child, at the latest after 12 s, and starts another. Failure is printed, not thrown. */
  restart(): Promise<void> {
    this.#deathsInRow = 0;
    return this.#enqueue(async () => {
      await this.#end();
      if (!this.#deps.isEnding()) await this.#launchOrPrint();
    });
  }

  /** Asks the child to end and waits until it has. */
  stop(): Promise<void> {
    // Not behind a start that may take its 15 s: the child is asked at once.
    return this.#end();
  }

  /** Ends the child without asking it. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #launch(): Promise<string> {
    if (this.#deps.isEnding()) throw new Error("ending");
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, [this.#deps.script], {
      cwd: this.#deps.folder,
      env: { ...this.#deps.environment },
      // By the channel it notices when we are killed.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    child.once("exit", (code, signal) =>
      this.#onExit(child, startedAtMs, signal ?? `code ${code}`),
    );
    this.#url = await listening(child, this.#deps);
    return this.#url;
  }

  async #launchOrPrint(): Promise<void> {
    try {
      const url = await this.#launch();
      this.#deps.print(`${this.#deps.name}: up again on ${url}`);
    } catch (error) {
      if (!this.#deps.isEnding()) this.#deps.print((error as Error).message);
    }
  }

  #onExit(child: ChildProcess, startedAtMs: number, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const wasUp = this.#url !== undefined;
    this.#url = undefined;
    if (this.#deps.isEnding()) return;
    const isSteady = performance.now() - startedAtMs >= STEADY_MS;
    this.#deathsInRow = isSteady ? 1 : this.#deathsInRow + 1;
    // A program that never came up is reported by its start, with its words.
    if (!wasUp) return;
    if (this.#deathsInRow > DEATHS_MAX) {
      this.#deps.print(
        `${this.#deps.name} ended by itself (${how}) ${this.#deathsInRow} times in a row; ` +
          "it stays down until a file changes.",
      );
      return;
    }
    const pauseMs = RESTART_PAUSE_MS * 2 ** (this.#deathsInRow - 1);
    this.#deps.print(`${this.#deps.name} ended by itself (${how}); restart in ${pauseMs} ms.`);
    setTimeout(() => {
      // Something else may have started it meanwhile.
      void this.#enqueue(async () => {
        if (this.#child === undefined && !this.#deps.isEnding()) await this.#launchOrPrint();
      });
    }, pauseMs).unref();
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#url = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGINT");
    const timer = setTimeout(() => {
      this.#deps.print(`${this.#deps.name} did not end within ${STOP_TIMEOUT_MS} ms; killed.`);
      child.kill("SIGKILL");
    }, STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** Reads the line with which a program says where it listens, and from then on prints what a person should know. */
function listening(
  child: ChildProcess,
  { name, print, urlIn }: Pick<ChildProgramDeps, "name" | "print" | "urlIn">,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const stderr: string[] = [];
    let isUp = false;
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error([`${name} ${what}`, ...stderr].join("\n  ")));
    };
    const timer = setTimeout(() => {
      fail(`did not say where it listens within ${START_TIMEOUT_MS / 1000} s`);
      child.kill("SIGKILL");
    }, START_TIMEOUT_MS);
    const onStdout = lineReader((text) => {
      const record = isUp ? undefined : parseRecord(text);
      const url = record && urlIn(record);
      if (url !== undefined) {
        isUp = true;
        clearTimeout(timer);
        resolve(url);
        return;
      }
      const readable = readableLogLine(text);
      if (readable === undefined) return;
      if (isUp) print(`${name}: ${readable}`);
      else keepLast(stderr, readable);
    });
    const onStderr = lineReader((text) => {
      if (isUp) print(`${name}: ${text}`);
      else keepLast(stderr, text);
    });
    child.stdout?.setEncoding("utf8").on("data", onStdout);
    child.stderr?.setEncoding("utf8").on("data", onStderr);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    // "close", not "exit": by then all it wrote has been read.
    child.once("close", (code, signal) => {
      if (!isUp) fail(`ended during its start (${signal ?? `code ${code}`})`);
    });
  });
}

function keepLast(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > STDERR_LINES_MAX) lines.shift();
}
