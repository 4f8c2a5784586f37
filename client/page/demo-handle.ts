import type { Feel } from "../timing/feel-meter.ts";

/** What a browser test may read of the page; nothing here changes anything. */
interface FleetroomDemo {
  readonly connectionState: string;
  /** `undefined` until the server has said. */
  readonly seat: number | undefined;
  /** Own ship as shown, metres and radians; `undefined` while there is none. */
  readonly ownShip: { readonly x: number; readonly y: number; readonly angle: number } | undefined;
  /** When the last frame was drawn, `performance.now()` time. */
  readonly drawnAtMs: number;
  /** Of the arena, as shown in it, metres. */
  readonly others: readonly { readonly seat: number; readonly x: number; readonly y: number }[];
  /** Ships of the arena, or players of the duel. */
  readonly shipsCount: number;
  /** Milliseconds; `undefined` before the first answer. */
  readonly ping: number | undefined;
  /** Corrections, jitter and delay of the last seconds; `undefined` without an arena. */
  readonly feel: Feel | undefined;
  /** Server ticks that arrived in the last second. */
  readonly tickRateHz: number;
  /** Phase of the match as the server has it; `""` without a connection. */
  readonly phase: string;
}

declare global {
  interface Window {
    fleetroomDemo?: FleetroomDemo;
  }
}
