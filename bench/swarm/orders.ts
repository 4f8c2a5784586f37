import type { Dump } from "../match/conducted-match.ts";
import type { Body } from "../match/rules.ts";
import type { DialectName } from "./dialects.ts";
import type { Played } from "./match-load.ts";
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
  /** Opens players of the reference match, some of whom decode what they are sent. */
  | {
      readonly do: "openMatch";
      readonly group: string;
      readonly goals: readonly Goal[];
      readonly atOnce: number;
      readonly dialect: DialectName;
      readonly probes: number;
    }
  /** Everyone plays. */
  | { readonly do: "playMatch"; readonly group: string; readonly forMs: number }
  /** Those who decode keep their states from now on. */
  | { readonly do: "keepStates"; readonly group: string }
  /** They keep none any more, and say what they had at that tick. */
  | { readonly do: "statesAt"; readonly group: string; readonly dump: Dump }
  /** What all of them received since the last time. */
  | { readonly do: "count"; readonly group: string };

export interface Answers {
  readonly open: readonly number[];
  readonly close: null;
  /** What the room counted since it began. */
  readonly run: { readonly ticks: number; readonly commands: number };
  /** How many were sent. */
  readonly command: number;
  readonly openMatch: readonly number[];
  readonly playMatch: Played;
  readonly keepStates: null;
  readonly statesAt: readonly (readonly (readonly [string, Body])[] | null)[];
  readonly count: Received;
}

/** Several orders may be under way. */
export interface Numbered<Message> {
  readonly nth: number;
  readonly message: Message;
}

export type Reply =
  | { readonly outcome: "done"; readonly answer: Answers[keyof Answers] }
  | { readonly outcome: "failed"; readonly why: string };
