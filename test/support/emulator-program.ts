import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STANDS_WITHIN_MS = 20_000;
const URL_LINE = /^Amazon GameLift, emulated .*(http:\S+)$/m;

/** The emulator as `npm run emulator` runs it, in a process of its own, on a free port. */
export class EmulatorProgram {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #output: () => string;

  private constructor(
    program: Pick<EmulatorProgram, "child" | "url" | "exited">,
    output: () => string,
  ) {
    this.child = program.child;
    this.url = program.url;
    this.exited = program.exited;
    this.#output = output;
  }

  /** @param fleetFile - Written to a file for `--config`; it starts empty without. */
  static async start(
    args: readonly string[] = [],
    fleetFile?: Record<string, unknown>,
  ): Promise<EmulatorProgram> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-emulator-"));
    const file = path.join(folder, "fleet.json");
    if (fleetFile !== undefined) writeFileSync(file, JSON.stringify(fleetFile));
    const config = fleetFile === undefined ? [] : ["--config", file];
    const child = spawn(process.execPath, ["emulator/main.ts", "--port", "0", ...config, ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
      child.once("close", (code, signal) => {
        rmSync(folder, { recursive: true, force: true });
        resolve({ code, signal });
      }),
    );
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (how: string) => reject(new Error(`the emulator ${how}:\n${output}`));
      const timer = setTimeout(fail, STANDS_WITHIN_MS, "said no URL");
      child.once("exit", () => fail("ended"));
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          const found = URL_LINE.exec(output)?.[1];
          if (found === undefined) return;
          clearTimeout(timer);
          resolve(found);
        });
      }
    });
    return new EmulatorProgram({ child, url, exited }, () => output);
  }

  get output(): string {
    return this.#output();
  }

  /** Asks it to end, as Ctrl-C does. */
  async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill("SIGINT");
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 20_000);
    await this.stop();
    clearTimeout(timer);
  }
}

/** Living processes that were started with a variable of that value, by their process ids. Linux. */
export function pidsWith(variable: string, value: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        return environment.includes(`${variable}=${value}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
