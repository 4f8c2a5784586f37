import type { Delivery, DeliveryCounts } from "./delivery.ts";
import { PLACEMENT_EVENT_LIMITS } from "./limits.ts";
import type { PlacementEvent } from "./placement-event.ts";

export interface FileTargetOptions {
  readonly path: string;
  readonly print: (line: string) => void;
  /** Appends to a file, which it makes when it is not there. */
  readonly append: (path: string, text: string) => Promise<void>;
}

/** Appends each event to a file, as a line of JSON. */
export class FileTarget implements Delivery {
  readonly #options: FileTargetOptions;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #delivered = 0;
  #lost = 0;

  constructor(options: FileTargetOptions) {
    this.#options = options;
  }

  get counts(): DeliveryCounts {
    return { delivered: this.#delivered, lost: this.#lost };
  }

  deliver(event: PlacementEvent): void {
    if (this.#lines.length >= PLACEMENT_EVENT_LIMITS.heldPerTargetMax) {
      this.#lost++;
      return;
    }
    this.#lines.push(`${JSON.stringify(event)}\n`);
    this.#writing ??= this.#write();
  }

  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { path, print, append } = this.#options;
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      try {
        await append(path, lines.join(""));
        this.#delivered += lines.length;
      } catch (error) {
        this.#lost += lines.length;
        const why = error instanceof Error ? error.message : String(error);
        print(`placement events lost: ${lines.length}, ${path} could not be written: ${why}`);
      }
    }
    this.#writing = undefined;
  }
}
