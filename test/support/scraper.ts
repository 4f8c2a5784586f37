import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface Scrape {
  /**
   * CPU time of the match's own thread from the request to the end of the answer, milliseconds; steps that fell in there
   * are in it. Time that passes would tell more of who else is at work on this machine.
   */
  readonly cpuMs: number;
  /** The most of four requests for `/healthz` just before, which cost next to nothing but the steps that fall in there. */
  readonly controlMs: number;
  readonly series: number;
  readonly text: string;
}

/** Reads a server's metrics again and again, as Prometheus does, in a thread of its own. Linux alone tells what it costs. */
export class Scraper {
  readonly #worker: Worker;

  constructor(adminUrl: string, pid: number, everyMs: number) {
    this.#worker = new Worker(new URL("./scraper-worker.ts", import.meta.url), {
      workerData: { adminUrl, pid, everyMs },
      execArgv: [],
    });
  }

  /** @returns All that it read. Rejects with what a scrape failed with. */
  async stop(): Promise<readonly Scrape[]> {
    this.#worker.postMessage("stop");
    const [scrapes] = await once(this.#worker, "message");
    await this.#worker.terminate();
    return scrapes as readonly Scrape[];
  }
}

/** @returns The sum over all series of a metric. */
export function sumOf(text: string, metric: string): number {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
