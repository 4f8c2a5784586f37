import type { Push, ServerLink } from "../plane/links.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { Line } from "./line.ts";
import { pushMessage } from "./pushes.ts";

export interface ConnectionEvents {
  /** Sends it, or what a fault makes of it. */
  onPush(action: string, text: string): void;
  /** Runs what the control plane wants on the wire once the answer of a request under way is out. */
  afterAnswer(act: () => void): void;
  /** The process does not read and was cut off. */
  onUnread(): void;
}

/** One connection of a server process, and the control plane's way to it. */
export class Connection implements ServerLink {
  /** From 1, in the order in which connections came. */
  readonly number: number;
  readonly #line: Line;
  #events: ConnectionEvents | undefined;
  /** What the control plane wants of it while it still takes it in. */
  #early: (() => void)[] = [];
  #isOver = false;

  constructor(number: number, line: Line) {
    this.number = number;
    this.#line = line;
  }

  /** Closed by either side: what still comes counts for nothing. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The control plane has taken it. */
  opened(events: ConnectionEvents): void {
    this.#events = events;
    const early = this.#early;
    this.#early = [];
    for (const act of early) act();
  }

  push(push: Push): void {
    const message = pushMessage(push);
    // As it is at this moment, however late it goes out.
    const text = JSON.stringify(message);
    this.#act(({ onPush }) => onPush(message.Action, text));
  }

  close(code: number, reason: string): void {
    this.#act(() => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#line.close(code, reason);
    });
  }

  send(text: string): void {
    if (this.#isOver) return;
    if (this.#line.unreadBytes > SERVICE_LIMITS.unreadBytesMax) {
      this.#events?.onUnread();
      this.terminate();
      return;
    }
    this.#line.send(text);
  }

  terminate(): void {
    this.#isOver = true;
    this.#line.terminate();
  }

  goDead(): void {
    this.#line.goDead();
  }

  /** The line has ended. */
  ended(): void {
    this.#isOver = true;
  }

  #act(act: (events: ConnectionEvents) => void): void {
    const events = this.#events;
    if (events === undefined) this.#early.push(() => this.#act(act));
    else events.afterAnswer(() => act(events));
  }
}
