import type { Child, ChildEnd, Children } from "../supervisor/child/child.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { OutputWatch } from "./output-watch.ts";
import type { Recorder } from "./recorder.ts";
import { exitText } from "./rule.ts";
import type { Client } from "./stage.ts";
import type { Role } from "./trace.ts";

export interface ClientsOptions {
  readonly recorder: Recorder;
  readonly children: Children;
  /** For a shell; `undefined` when there are no clients. */
  readonly command: string | undefined;
  readonly folder: string;
  /** Whether the server was told to end: its players then lose it. */
  readonly isServerTold: () => boolean;
  /** To which the VERIFY_* variables are added. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Running {
  readonly child: Child;
  readonly isGone: () => boolean;
}

/** A trap that does something, unlike one that ignores, is not inherited by what the shell runs. */
const OUTLIVE_SIGTERM = "trap : TERM\n";
/** What a shell answers for a command that is not there, or cannot be run. */
const NOT_RUNNABLE: ReadonlySet<number | null> = new Set([126, 127]);

/** The players of one life: each a run of the client's command. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #running = new Map<number, Running>();
  readonly #told = new Set<number>();
  #unrunnable: string | undefined;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** What the shell said of a command that it could not run. */
  get unrunnable(): string | undefined {
    return this.#unrunnable;
  }

  start(role: Role, playerSessionId: string, port: number): Client {
    const { recorder, children, command = "", folder, environment } = this.#options;
    const number = this.#running.size + 1;
    const output = new OutputWatch();
    output.mind(playerSessionId, "a player session id");
    recorder.add({ kind: "client-started", client: number, role, playerSessionId });
    const child = children.start({
      program: "/bin/sh",
      args: ["-c", `${OUTLIVE_SIGTERM}${command}`],
      folder,
      environment: {
        ...environment,
        VERIFY_HOST: "127.0.0.1",
        VERIFY_PORT: String(port),
        VERIFY_PLAYER_SESSION_ID: playerSessionId,
      },
      output: (bytes) => output.add(bytes),
      errorOutput: (bytes) => output.add(bytes),
    });
    let isGone = false;
    this.#running.set(number, { child, isGone: () => isGone });
    void child.ended.then(({ code, signal }) => {
      isGone = true;
      const last = output.lines().at(-1) ?? "it printed nothing";
      if (NOT_RUNNABLE.has(code)) this.#unrunnable ??= last;
      this.#note(number, role, { code, signal }, last);
      recorder.add({ kind: "client-gone", client: number, code, signal });
    });
    return { number, role, playerSessionId };
  }

  /** What a client says who was to be let in and ended while nobody wanted it. */
  #note(number: number, role: Role, end: Pick<ChildEnd, "code" | "signal">, last: string): void {
    const { recorder, isServerTold } = this.#options;
    const isTold = isServerTold() || this.#told.has(number);
    if (isTold || !ADMITTED.has(role) || end.code === 0) return;
    const text = `client "${role}" ended (${exitText(end)}); its last line: ${last}`;
    recorder.add({ kind: "note", text });
  }

  /** SIGTERM, and SIGKILL a few seconds later. Settles when it is gone. */
  async dismiss({ number }: Client): Promise<void> {
    const running = this.#running.get(number);
    if (running === undefined || running.isGone()) return;
    const { recorder } = this.#options;
    this.#told.add(number);
    recorder.add({ kind: "client-told-to-leave", client: number });
    terminateGroup(running.child);
    if (await recorder.until(running.isGone, VERIFY_LIMITS.clientLeaveMs)) return;
    running.child.kill();
    await recorder.until(running.isGone, VERIFY_LIMITS.killMs);
  }

  /** Kills those that are left. */
  async end(): Promise<void> {
    const left = [...this.#running].filter(([, { isGone }]) => !isGone());
    for (const [number, { child }] of left) {
      this.#told.add(number);
      child.kill();
    }
    const areGone = () => left.every(([, { isGone }]) => isGone());
    await this.#options.recorder.until(areGone, VERIFY_LIMITS.killMs);
  }
}

/** The signal is for what it runs: a shell that died of it would take that along before it could leave. */
function terminateGroup({ pid }: Child): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  } catch {
    // It has just ended; whoever waits is told so.
  }
}

/** Whose end is nobody's wish while the server lives. */
const ADMITTED: ReadonlySet<Role> = new Set(["stays", "leaves", "after-link", "during-refresh"]);
