import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface FloodFigures {
  readonly asked: number;
  readonly perSecond: number;
  /** How many were answered with each code; 1006 is no word. */
  readonly codes: Readonly<Record<string, number>>;
  /** Until the answer, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Player session ids that nobody ever had, at a steady rate, in a thread of their own. To the server they come from as
 * many addresses as there are: no budget of an address counts on loopback.
 */
export class MadeUpIds {
  readonly #worker: Worker;

  constructor(port: number, perSecond: number) {
    this.#worker = new Worker(new URL("./made-up-ids-worker.ts", import.meta.url), {
      workerData: { port, perSecond },
      execArgv: [],
    });
  }

  /** Ends the flood and waits for its last answers. */
  async stop(): Promise<FloodFigures> {
    this.#worker.postMessage("stop");
    const [figures] = await once(this.#worker, "message");
    await this.#worker.terminate();
    return figures as FloodFigures;
  }
}
