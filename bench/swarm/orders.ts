import type { Goal, Received } from "./player.ts";

/** What the bench asks of the swarm, which is another process; each is answered once, when it is done. */
export type Order =
  /** Opens all at once, or in waves of `atOnce`. Answered with each one's milliseconds. */
  | {
      readonly do: "open";
      readonly group: string;
      readonly goals: readonly Goal[];
      readonly atOnce: number;
    }
  /** All leave, and their connections end. */
  | { readonly do: "close"; readonly group: string }
  /** One client lets the room run, with so many messages per step, or stand still. */
  | {
      readonly do: "run";
      readonly group: string;
      readonly isRunning: boolean;
      readonly messages: number;
    }
  /** Everyone sends a command of 12 bytes every 50 ms, one after the other: always the same, or as one plays the arena. */
  | {
      readonly do: "command";
      readonly group: string;
      readonly forMs: number;
      readonly plays: boolean;
    }
  /** What all of them received since the last time. */
  | { readonly do: "count"; readonly group: string };

export interface Answers {
  readonly open: readonly number[];
  readonly close: null;
  /** What the room counted since it began. */
  readonly run: { readonly ticks: number; readonly commands: number };
  /** How many were sent. */
  readonly command: number;
  readonly count: Received;
}

export type Reply =
  | { readonly outcome: "done"; readonly answer: Answers[keyof Answers] }
  | { readonly outcome: "failed"; readonly why: string };
