import type { Dump } from "../match/conducted-match.ts";
import type { Body } from "../match/rules.ts";
import type { DialectName } from "./dialects.ts";
import type { Played, Unknown } from "./match-load.ts";
import type { Goal, Received } from "./player.ts";
import type { SlowEnd } from "./slow-watch.ts";

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
      readonly tickRateHz: number;
      readonly probes: number;
    }
  /** Everyone plays. */
  | { readonly do: "playMatch"; readonly group: string; readonly forMs: number }
  /** Others join a match, who may be slow; what they are sent is compared with what the first one is. */
  | {
      readonly do: "openSlow";
      readonly group: string;
      readonly goals: readonly Goal[];
      readonly decode: boolean;
    }
  /** One half of them does not read for a while; answered at once. */
  | {
      readonly do: "stall";
      readonly group: string;
      readonly part: 0 | 1;
      readonly forMs: number;
    }
  | { readonly do: "slowEnds"; readonly group: string }
  /** Those who decode keep their states from now on. */
  | { readonly do: "keepStates"; readonly group: string }
  /** They keep none any more, and say what they had at that tick. */
  | { readonly do: "statesAt"; readonly group: string; readonly dump: Dump }
  /**
   * From now on the load does not sleep, or does. To wake it is the kernel's work, in the time of the server that writes:
   * on one machine, where a server with a network between has none of it.
   */
  | { readonly do: "stayAwake"; readonly isAwake: boolean }
  /** What all of them received since the last time. */
  | { readonly do: "count"; readonly group: string };

/** A {@link Known}, as it goes over the channel. */
interface KnownRows {
  readonly ownId: string;
  readonly bodies: readonly (readonly [string, Body])[];
}

export interface Answers {
  readonly open: readonly number[];
  readonly close: null;
  /** What the room counted since it began. */
  readonly run: { readonly ticks: number; readonly commands: number };
  /** How many were sent. */
  readonly command: number;
  readonly openMatch: readonly number[];
  readonly playMatch: Played;
  readonly openSlow: readonly number[];
  readonly stall: null;
  readonly slowEnds: readonly SlowEnd[];
  readonly keepStates: null;
  /** One for each who decodes. */
  readonly statesAt: readonly (KnownRows | Unknown)[];
  readonly stayAwake: null;
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
