import { type ChildProcess, spawn } from "node:child_process";
import { SUPERVISOR_LIMITS } from "../limits.ts";

/**
 * A shell that outlives whoever wrote to it, for a moment: when its input ends, which also a SIGKILL brings about, it
 * kills the process groups that were named and not taken back. A group's id cannot be taken by another process while a
 * member of it lives. The signals of a terminal are not for it.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r sign id; do
  case "$sign" in
    +) groups="$groups$id " ;;
    -) case "$groups" in *" $id "*) groups="\${groups%% $id *} \${groups#* $id }" ;; esac ;;
  esac
done
for id in $groups; do kill -KILL "-$id" 2>/dev/null; done
`;

/** Kills process groups when this process is gone, however it went. */
export class Watchdog {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #starts = 0;
  #isClosed = false;

  /** Its process id, while it runs. */
  get pid(): number | undefined {
    return this.#shell?.pid;
  }

  /** The group has been written down for the shell when this returns. */
  watch(group: number): void {
    this.#groups.add(group);
    if (this.#shell === undefined) this.#start();
    else this.#tell("+", group);
  }

  forget(group: number): void {
    this.#groups.delete(group);
    this.#tell("-", group);
  }

  /** Groups that are still watched are killed. */
  close(): void {
    this.#isClosed = true;
    this.#shell?.stdin?.end();
  }

  #start(): void {
    if (this.#isClosed || this.#starts >= SUPERVISOR_LIMITS.watchdogStartsMax) return;
    this.#starts++;
    const shell = spawn("/bin/sh", ["-c", SCRIPT], {
      cwd: "/",
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
      // A session of its own, which no signal to ours reaches.
      detached: true,
    });
    this.#shell = shell;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      this.#shell = undefined;
      // Somebody killed it: another one watches those that run.
      if (this.#groups.size > 0) this.#start();
    };
    shell.once("error", over);
    shell.once("exit", over);
    shell.stdin?.on("error", () => {}); // Its exit says the same.
    shell.unref();
    for (const group of this.#groups) this.#tell("+", group);
  }

  /** A pipe takes a few bytes at once, so that they are out even if this process is killed in the next moment. */
  #tell(sign: "+" | "-", group: number): void {
    this.#shell?.stdin?.write(`${sign} ${group}\n`);
  }
}
