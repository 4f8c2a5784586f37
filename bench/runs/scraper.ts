import type { MatchSubject } from "../subjects/match-subject.ts";

const INTERVAL_MS = 60_000;

/** Reads the metrics of our servers once a minute, as a fleet's collector does. */
export class Scraper {
  readonly #ports = new Set<number>();
  readonly #timer: NodeJS.Timeout;
  scrapes = 0;

  constructor() {
    this.#timer = setInterval(() => void this.#scrape(), INTERVAL_MS);
  }

  readonly add = ({ adminPort }: Pick<MatchSubject, "adminPort">): void => {
    if (adminPort !== undefined) this.#ports.add(adminPort);
  };

  stop(): void {
    clearInterval(this.#timer);
  }

  async #scrape(): Promise<void> {
    for (const port of this.#ports) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
        await answer.text();
        this.scrapes++;
      } catch {
        // Its match is over.
        this.#ports.delete(port);
      }
    }
  }
}
