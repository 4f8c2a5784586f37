/**
 * Recorded lives of a server that is right in everything, and ways to make them wrong.
 * @module
 */
import { readFileSync } from "node:fs";
import type { Verdict } from "../../../emulator/verify/rule.ts";
import type { Entry, EntryOf, LifeName, Trace } from "../../../emulator/verify/trace.ts";

/** What `fixture/record.ts` recorded. */
export const lives = JSON.parse(
  readFileSync(new URL("../../fixtures/verify/clean-lives.json", import.meta.url), "utf8"),
) as readonly Trace[];

export const clean = (life: LifeName): Trace => {
  const trace = lives.find((each) => each.life === life);
  if (trace === undefined) throw new Error(`no life ${life} was recorded`);
  return trace;
};

export type Change = (trace: Trace) => Trace;

export const isRequest = (entry: Entry, action?: string): entry is EntryOf<"request"> =>
  entry.kind === "request" && (action === undefined || entry.action === action);

/** Alters each entry, drops it, or puts others in its place. */
export const each =
  (change: (entry: Entry, trace: Trace) => Entry | readonly Entry[] | undefined): Change =>
  (trace) => ({ ...trace, entries: trace.entries.flatMap((entry) => change(entry, trace) ?? []) });

export const without = (isUnwanted: (entry: Entry) => boolean): Change =>
  each((entry) => (isUnwanted(entry) ? undefined : entry));

export const withMembers = (action: string, members: object): Change =>
  each((entry) =>
    isRequest(entry, action) ? { ...entry, members: { ...entry.members, ...members } } : entry,
  );

export const answered = (action: string, statusCode: number): Change =>
  each((entry) => (isRequest(entry, action) ? { ...entry, statusCode } : entry));

/** Nothing happens from there on. */
export const until =
  (isLast: (entry: Entry) => boolean, ...more: readonly Entry[]): Change =>
  (trace) => {
    const end = trace.entries.findIndex(isLast) + 1;
    return { ...trace, entries: [...trace.entries.slice(0, end), ...more] };
  };

export const isStep = (step: string) => (entry: Entry) =>
  entry.kind === "step" && entry.step === step;
export const exit = (code: number, atMs = 99_000): Entry => ({
  atMs,
  kind: "exited",
  code,
  signal: null,
});
export const kill = (atMs = 98_000): Entry => ({ atMs, kind: "step", step: "kill" });

/** Of the clients with that role. */
export const numberOf = ({ entries }: Trace, role: string): number | undefined =>
  entries.find(
    (entry): entry is EntryOf<"client-started"> =>
      entry.kind === "client-started" && entry.role === role,
  )?.client;

/** The client stays connected until it is told to leave. */
export const keptClient =
  (role: string): Change =>
  (trace) =>
    each((entry) =>
      entry.kind === "client-gone" && entry.client === numberOf(trace, role)
        ? [{ atMs: entry.atMs + 4_000, kind: "client-told-to-leave", client: entry.client }, entry]
        : entry,
    )(trace);

export const goneClient =
  (role: string, isPlace: (entry: Entry) => boolean): Change =>
  (trace) =>
    each((entry) => {
      const client = numberOf(trace, role) ?? 0;
      const gone = {
        atMs: entry.atMs,
        kind: "client-gone" as const,
        client,
        code: 1,
        signal: null,
      };
      return isPlace(entry) ? [entry, gone] : entry;
    })(trace);

export const isAfterCut = (entry: Entry) => entry.kind === "connected" && entry.connection === 2;
export const secondOf = (action: string): Change =>
  each((entry) => (isRequest(entry, action) ? [entry, { ...entry, requestId: "again" }] : entry));

export interface Case {
  readonly rule: string;
  readonly how: string;
  readonly change: Change;
  readonly life?: LifeName;
  readonly verdict?: Verdict;
}
