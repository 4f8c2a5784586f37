import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ServerProcess } from "../support/server-process.ts";
import type { Random } from "./seeded.ts";

/** The real program with player sessions of the test's own, whose ids would show up in a log if any came there. */
export class HostileServer {
  readonly process: ServerProcess;
  /** Every player session id there is. */
  readonly ids: readonly string[];
  #handedOut = 0;

  private constructor(process: ServerProcess, ids: readonly string[]) {
    this.process = process;
    this.ids = ids;
  }

  static async start(
    random: Random,
    options: {
      players: number;
      room?: string;
      faults?: object;
      env?: Record<string, string>;
      /** Player sessions that are there and admit nobody, by status. */
      over?: Readonly<Record<string, "TIMEDOUT" | "COMPLETED">>;
    },
  ): Promise<HostileServer> {
    const ids = Array.from({ length: options.players }, () => `secret-${random.word(20)}`);
    const playerSessions = ids.map((playerSessionId, at) => ({
      playerSessionId,
      playerId: `player-${at}`,
    }));
    const over = Object.entries(options.over ?? {}).map(([playerSessionId, status], at) => ({
      playerSessionId,
      playerId: `late-${at}`,
      status,
    }));
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), "hostile-")), "session.json");
    const session = {
      gameSession: {
        maximumPlayerSessionCount: ids.length + over.length,
        gameProperties: { matchSeconds: "3600", scoreLimit: "1000" },
      },
      playerSessions: [...playerSessions, ...over],
      faults: options.faults ?? {},
    };
    writeFileSync(file, JSON.stringify(session));
    takePriorityBack();
    const server = await ServerProcess.start({
      FLEETROOM_LOCAL_SESSION: file,
      FLEETROOM_JOURNAL_DIR: "",
      FLEETROOM_RESULTS_DIR: "",
      FLEETROOM_RECONNECT_SECONDS: "1",
      FLEETROOM_ROOM: options.room ?? "arena",
      // A patch with each tick: an honest player counts what he misses.
      FLEETROOM_REPLICATION: "schema",
      ...options.env,
    });
    try {
      await server.line("game_session_started");
    } catch (error) {
      await server.kill();
      throw error;
    }
    return new HostileServer(server, ids);
  }

  get port(): number {
    return Number(new URL(this.process.url).port);
  }

  /** A player session id that nobody has used. */
  nextId(): string {
    const id = this.ids[this.#handedOut++];
    if (id === undefined) throw new Error("no player session ids are left");
    return id;
  }

  /** The process that was started still runs, and hosts the match that it began with. */
  get lives(): boolean {
    const { child, lines } = this.process;
    const rounds = lines.filter(({ event }) => event === "game_session_started").length;
    const hasEnded = lines.some(({ event }) => /_ended$|_fault$|stopp/.test(event));
    return child.exitCode === null && child.signalCode === null && rounds === 1 && !hasEnded;
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.process.child.pid}/fd`).length;
  }

  /** What its main thread has used of a processor, and how long others kept it from one, milliseconds. */
  cpu(): { cpuMs: number; waitedForCpuMs: number } {
    const text = readFileSync(`/proc/${this.process.child.pid}/schedstat`, "latin1");
    const [used = 0, waited = 0] = text.split(" ").map((each) => Math.round(Number(each) / 1e6));
    return { cpuMs: used, waitedForCpuMs: waited };
  }

  /** All that it wrote. */
  get log(): string {
    return this.process.stdout + this.process.stderr;
  }

  /** Player session ids of the match that came into the log. */
  get leakedIds(): string[] {
    return this.ids.filter((id) => this.log.includes(id));
  }

  stop(): Promise<void> {
    return this.process.kill();
  }
}

/** A new process starts with the priority of who starts it, which an earlier attack of the same file lowered. */
function takePriorityBack(): void {
  try {
    os.setPriority(process.pid, 0);
  } catch {
    // Only root may; then the figures of this attack are worse than they could be.
  }
}
