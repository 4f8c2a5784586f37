import type { Line, LineListener } from "../../emulator/server-sdk/line.ts";

/** What the process's end of a {@link MemoryLine} hears. */
export interface MemoryLineEars {
  onText(text: string): void;
  /** 1006 for an end without a close frame. */
  onEnd(code: number): void;
}

/**
 * A connection between a server process and the Server SDK service without a network. What either side says is heard at
 * once; the service hears of an end that it made itself in a microtask, as over a socket it is told later.
 */
export class MemoryLine implements Line {
  /** What the service would find unread; a test sets it. */
  unreadBytes = 0;
  isDead = false;
  /** How the connection ended, seen from the process. */
  end: { readonly code: number; readonly reason: string } | undefined;
  readonly #ears: MemoryLineEars;
  #listener: LineListener | undefined;

  constructor(ears: MemoryLineEars) {
    this.#ears = ears;
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
  }

  send(text: string): void {
    if (this.end === undefined && !this.isDead) this.#ears.onText(text);
  }

  close(code: number, reason: string): void {
    this.#ended(code, reason);
  }

  terminate(): void {
    this.#ended(1006, "");
  }

  goDead(): void {
    this.isDead = true;
  }

  /** The process sends a frame; bytes make a binary one. */
  say(frame: string | Uint8Array): void {
    if (this.end !== undefined || this.isDead) return;
    if (typeof frame === "string") this.#listener?.onText(frame);
    else this.#listener?.onBinary();
  }

  /** The process ends the connection; 1006 cuts it. */
  leave(code = 1006): void {
    if (this.end !== undefined) return;
    this.end = { code, reason: "" };
    if (!this.isDead) this.#listener?.onClose(code, "");
  }

  #ended(code: number, reason: string): void {
    if (this.end !== undefined) return;
    this.end = { code, reason };
    queueMicrotask(() => this.#listener?.onClose(code, reason));
    if (!this.isDead) this.#ears.onEnd(code);
  }
}
