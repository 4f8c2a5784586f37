import { once } from "node:events";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Transport } from "./adapter.ts";
import type { HostileServer } from "./hostile-server.ts";

/** What somebody who only wants to play saw of a stretch of time. Times are milliseconds. */
export interface HonestFigures {
  /** States and patches; of the arena only. */
  readonly frames: number;
  /** Ticks that no frame led to. */
  readonly missedTicks: number;
  /** How far frames came from their period. */
  readonly jitterP99Ms: number;
  readonly gapMaxMs: number;
  readonly pings: number;
  readonly roundTripP99Ms: number;
  /** How long the server's event loop was busy at most, and a little more. */
  readonly roundTripMaxMs: number;
  /** Of the connection, if it ended. */
  readonly closeCode: number | undefined;
}

/** Attackers have machines of their own; here they have what the others leave them. */
const ATTACKERS_NICENESS = 10;

/** An honest player beside an attack, who measures how much of it he feels. */
export class HonestPlayer {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async join(
    server: HostileServer,
    options: {
      transport?: Transport;
      isArena?: boolean;
      /** The attackers' thread leaves the processor to server and player; not where it measures, too. */
      doAttackersGiveWay?: boolean;
    } = {},
  ): Promise<HonestPlayer> {
    const { transport = "tcp", isArena = true, doAttackersGiveWay = true } = options;
    const worker = new Worker(new URL("./honest-worker.ts", import.meta.url), {
      workerData: { port: server.port, transport, id: server.nextId(), isArena },
      execArgv: [],
    });
    const seated = await Promise.race([
      once(worker, "message"),
      sleep(15_000, undefined, { ref: false }),
    ]);
    if (seated === undefined) throw new Error("the honest player got no seat");
    if (doAttackersGiveWay) os.setPriority(process.pid, ATTACKERS_NICENESS);
    return new HonestPlayer(worker);
  }

  /** Measures while `work` goes on, and no shorter than `leastMs`. */
  async during(work: () => Promise<unknown>, leastMs = 0): Promise<HonestFigures> {
    this.#worker.postMessage("begin");
    await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, leastMs))]);
    this.#worker.postMessage("end");
    const [figures] = await once(this.#worker, "message");
    return figures as HonestFigures;
  }

  /** The control: nothing happens. */
  undisturbed(forMs: number): Promise<HonestFigures> {
    return this.during(async () => {}, forMs);
  }

  async leave(): Promise<void> {
    this.#worker.postMessage("leave");
    await this.#worker.terminate();
  }
}
