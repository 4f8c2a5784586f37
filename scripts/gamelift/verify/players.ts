import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { sourceFile } from "../../source-files.ts";
import type { PlayerLine, PlayerOrder } from "./player.ts";

/** Snapshots or patches a second that the arena shows a player at least, a third of what it sends on a quiet machine. */
const ARENA_STATES_PER_SECOND_MIN = 10;
/** A ship that hears its commands flies some metres a second; without them it stands. */
const ARENA_METRES_MIN = 1;
const SERVER_DRAINING = 4413;

/** One player in a process of its own. */
export class Player {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #lines: PlayerLine[] = [];
  readonly #playMs: number;
  #errors = "";
  #changed = Promise.withResolvers<void>();

  constructor(order: PlayerOrder) {
    this.url = order.url.replace(/:\/\/.*$/, "");
    this.#playMs = order.playMs;
    const trusted =
      order.certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: order.certificateFile };
    this.#child = spawn(process.execPath, [sourceFile("scripts/gamelift/verify/player.ts")], {
      env: { PATH: "/usr/bin:/bin", ...trusted },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on("error", () => {}); // Its end says so.
    stdin?.end(JSON.stringify(order));
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = `${this.#errors}${text}`.slice(-2_000);
    });
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => {
        this.#lines.push(JSON.parse(line));
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      });
    }
  }

  /** @returns The line of that event, or `undefined` when it does not come. */
  async line<Event extends PlayerLine["event"]>(
    event: Event,
    withinMs: number,
  ): Promise<Extract<PlayerLine, { event: Event }> | undefined> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const found = this.#lines.find((line) => line.event === event);
      if (found !== undefined) return found as Extract<PlayerLine, { event: Event }>;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0 || this.#child.exitCode !== null) return undefined;
      await Promise.race([this.#changed.promise, new Promise((go) => setTimeout(go, 100))]);
    }
  }

  /** @returns What is wrong with how it played, or nothing. */
  async play(joinWithinMs: number): Promise<string | undefined> {
    const joined = await this.line("joined", joinWithinMs);
    if (joined === undefined) return `it did not join: ${this.#said()}`;
    const played = await this.line("played", this.#playMs + joinWithinMs);
    if (played === undefined) return `it joined and did not play on: ${this.#said()}`;
    if (played.states === 0) return "it was shown no state";
    if (played.flownMetres === undefined) return undefined;
    const seconds = this.#playMs / 1_000;
    const isGood =
      played.states >= seconds * ARENA_STATES_PER_SECOND_MIN &&
      played.flownMetres >= ARENA_METRES_MIN;
    return isGood
      ? undefined
      : `in ${seconds} s it saw and did too little: ${JSON.stringify(played)}`;
  }

  /** @returns What is wrong with how it was told of the end, or nothing. */
  async drained(withinMs: number): Promise<string | undefined> {
    const draining = await this.line("draining", withinMs);
    const ended = await this.line("ended", withinMs);
    if (draining !== undefined && ended?.code === SERVER_DRAINING) return undefined;
    return `it was not told, or not closed with ${SERVER_DRAINING}: ${this.#said()}`;
  }

  end(): void {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
  }

  #said(): string {
    const last = this.#lines.at(-1);
    return `${last === undefined ? "it said nothing" : JSON.stringify(last)} ${this.#errors.trim()}`.trim();
  }
}
