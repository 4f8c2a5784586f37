/**
 * A program as process 1 of namespaces of its own, on a root that nobody can write to, as a container engine runs it. Linux,
 * and root alone may do it. The network is the machine's.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import type { ImageRoot } from "./image-root.ts";

/** Runs in the new namespaces, and becomes the program: `$0` is the root, `$1` where it starts, `$2` its user. */
const PREPARE = `set -e
root=$0 wd=$1 user=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec unshare --root="$root" --wd="$wd" --setgid="$user" --setuid="$user" "$@"`;

const NAMESPACES = ["--pid", "--mount", "--fork", "--kill-child"];

/** Whether this machine lets us: root without the right to mount is not enough. */
export const mayIsolate =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync("unshare", [...NAMESPACES, "sh", "-c", "mount --make-rprivate /"]).status === 0;

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

export class IsolatedRun implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  stderr = "";
  readonly exited: Promise<number | null>;
  readonly #image: ImageRoot;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #unshare: ChildProcess;

  /** @param variables - Beside those of the image. */
  constructor(image: ImageRoot, variables: Readonly<Record<string, string>>) {
    this.#image = image;
    this.#environment = { ...image.environment, ...variables };
    const { folder, workingDirectory, user, command } = image;
    const words = [folder, workingDirectory, user, ...command];
    this.#unshare = spawn("unshare", [...NAMESPACES, "sh", "-c", PREPARE, ...words], {
      env: { PATH: process.env["PATH"] ?? "", ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#unshare.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    if (this.#unshare.stdout !== null) {
      createInterface({ input: this.#unshare.stdout }).on("line", (line) => {
        this.lines.push(JSON.parse(line) as LogLine);
      });
    }
    this.exited = new Promise((resolve) => this.#unshare.once("close", resolve));
  }

  /** Waits for a log line of an event; bounded. */
  async line(event: string, withinMs = 20_000): Promise<LogLine> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const found = this.lines.find((line) => line.event === event);
      if (found !== undefined) return found;
      if (performance.now() > endMs || this.#unshare.exitCode !== null) {
        throw new Error(`no "${event}" line:\n${JSON.stringify(this.lines)}\n${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What the machine knows process 1 by. */
  get pid(): number {
    const { pid } = this.#unshare;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return Number(children.trim());
  }

  /** A line of `/proc/PID/status`. */
  status(name: string): string {
    const text = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return new RegExp(`^${name}:\\s+(.*)$`, "m").exec(text)?.[1] ?? "";
  }

  /** How the file system that it has for its root is mounted. */
  get rootOptions(): readonly string[] {
    const text = readFileSync(`/proc/${this.pid}/mountinfo`, "utf8");
    return /^\S+ \S+ \S+ \S+ \/ (\S+)/m.exec(text)?.[1]?.split(",") ?? [];
  }

  /** One letter for each process in its namespace: `Z` is a zombie. */
  get states(): string[] {
    const own = readlinkSync(`/proc/${this.pid}/ns/pid`);
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          if (readlinkSync(`/proc/${pid}/ns/pid`) !== own) return [];
          return [/\) ([A-Z])/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "?"];
        } catch {
          return []; // It has ended meanwhile.
        }
      });
  }

  /** Runs the image's health check where the program is, as an engine does. */
  health(variables: Readonly<Record<string, string>> = {}) {
    const { user, workingDirectory, healthCommand } = this.#image;
    const where = ["--target", String(this.pid), "--pid", "--mount", "--root"];
    const who = [`--wdns=${workingDirectory}`, "--setuid", user, "--setgid", user];
    return spawnSync("nsenter", [...where, ...who, ...healthCommand], {
      env: { ...this.#environment, ...variables },
      encoding: "utf8",
      timeout: 15_000,
    });
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#unshare.exitCode === null) this.#unshare.kill("SIGKILL");
    await this.exited;
  }
}
