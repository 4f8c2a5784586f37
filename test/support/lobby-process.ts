import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Longer than any start takes beside other tests. */
const START_MS = 20_000;

/** The real lobby as a process of its own, with keys that no AWS account has. */
export class LobbyProcess {
  readonly lines: Record<string, unknown>[] = [];
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;

  private constructor(environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["backend/lobby/main.ts"], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
  }

  /** @param environment - All of it, but for PATH. */
  static async start(environment: Readonly<Record<string, string>>): Promise<LobbyProcess> {
    const lobby = new LobbyProcess(environment);
    const { stdout } = lobby.#child;
    if (stdout === null) throw new Error("no output");
    createInterface({ input: stdout }).on("line", (line) => lobby.lines.push(JSON.parse(line)));
    const endMs = performance.now() + START_MS;
    while (lobby.lines.every(({ event }) => event !== "lobby_listening")) {
      if (lobby.#child.exitCode !== null || performance.now() > endMs) {
        throw new Error(`the lobby did not start: ${lobby.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return lobby;
  }

  /** One that cannot start. */
  static async failing(environment: Readonly<Record<string, string>>): Promise<LobbyProcess> {
    const lobby = new LobbyProcess(environment);
    await once(lobby.#child, "close");
    return lobby;
  }

  get url(): string {
    const { port } = this.lines.find(({ event }) => event === "lobby_listening") ?? {};
    return `http://127.0.0.1:${port}`;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number | null> {
    if (this.#child.exitCode === null) {
      const closed = once(this.#child, "close");
      this.#child.kill(signal);
      await closed;
    }
    return this.#child.exitCode;
  }
}
