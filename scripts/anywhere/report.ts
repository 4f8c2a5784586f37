import { logLine } from "../../server/telemetry/winston/log-line.ts";

/** What happened, in the fields of its log line; docs/ANYWHERE.md has a row for each. */
export interface AnywhereEvents {
  supervisorStarted: {
    readonly pid: number;
    readonly fleetId: string;
    readonly location: string;
    readonly computeName: string;
    readonly region: string;
    readonly processes: number;
  };
  addressIsLoopback: { readonly ipAddress: string; readonly advice: string };
  awsCallFailed: { readonly tries: number; readonly retryInMs: number; readonly cause: unknown };
  computeFound: {
    readonly status: string | undefined;
    readonly location: string | undefined;
    readonly ipAddress: string | undefined;
    readonly dnsName: string | undefined;
    readonly registeredAt: string | undefined;
    /** What is done about it. */
    readonly action: "kept" | "deregistered" | "awaited" | "refused";
  };
  computeRegistered: { readonly computeName: string; readonly sdkEndpoint: string };
  tokenFetched: { readonly expiresAt: string };
  tokenFetchFailed: {
    /** Whether the last token can still start processes. */
    readonly isStillValid: boolean;
    readonly expiresAt: string;
    /** In a row. */
    readonly failures: number;
    readonly cause: unknown;
  };
  processStarted: {
    readonly slot: number;
    readonly pid: number | undefined;
    readonly processId: string;
  };
  processEnded: {
    readonly slot: number;
    readonly pid: number | undefined;
    readonly processId: string;
    readonly livedMs: number;
  };
  processCrashed: {
    readonly slot: number;
    readonly pid: number | undefined;
    readonly processId: string;
    readonly livedMs: number;
    readonly code: number | null;
    readonly signal: string | null;
    readonly cause: unknown;
    /** Crashes one after the other, each soon after its start; the pause grows with them. */
    readonly quickCrashes: number;
    readonly restartInMs: number | undefined;
  };
  supervisorStopping: { readonly processes: number };
  processesKilled: { readonly processes: number };
  computeDeregistered: { readonly computeName: string };
  computeLeftRegistered: { readonly computeName: string; readonly cause: unknown };
  supervisorFault: { readonly cause: unknown };
  supervisorStopped: { readonly exitCode: number };
}

export type AnywhereEvent = keyof AnywhereEvents;

/** Never throws. */
export type Report = <Event extends AnywhereEvent>(
  event: Event,
  info: AnywhereEvents[Event],
) => void;

export const ANYWHERE_EVENT_LEVELS: Readonly<Record<AnywhereEvent, "info" | "warn" | "error">> = {
  supervisorStarted: "info",
  addressIsLoopback: "warn",
  awsCallFailed: "warn",
  computeFound: "warn",
  computeRegistered: "info",
  tokenFetched: "info",
  tokenFetchFailed: "warn",
  processStarted: "info",
  processEnded: "info",
  processCrashed: "warn",
  supervisorStopping: "info",
  processesKilled: "warn",
  computeDeregistered: "info",
  computeLeftRegistered: "error",
  supervisorFault: "error",
  supervisorStopped: "info",
};

/** `processStarted` is written as `process_started`. */
export function eventName(event: AnywhereEvent): string {
  return event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Writes each event as one line of JSON in the form of the servers' own lines. */
export function lineReport(deps: {
  readonly wallMs: () => number;
  readonly write: (line: string) => void;
}): Report {
  return (event, info) => {
    const head = {
      time: new Date(deps.wallMs()).toISOString(),
      level: ANYWHERE_EVENT_LEVELS[event],
      event: eventName(event),
    };
    deps.write(`${logLine(head, info, { hasStack: event === "supervisorFault" })}\n`);
  };
}
