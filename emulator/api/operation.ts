/**
 * What one operation of the AWS API is to the rest of the emulator.
 * @module
 */
import type { ControlPlane } from "../plane/control-plane.ts";
import type { Outcome } from "../plane/outcome.ts";
import type { Queues } from "../queues/queues.ts";
import type { Pages } from "./pages.ts";

/** Where the zip of a build is put, and the keys that are good for that alone. */
export interface UploadTicket {
  readonly bucket: string;
  readonly key: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface ApiContext {
  readonly plane: ControlPlane;
  readonly queues: Queues;
  /** Where the logs of a game session are to be had; `undefined` while there are none. */
  readonly logUrl: (gameSessionId: string) => string | undefined;
  /** Keys are good for an hour; a second ticket leaves the first one as it is. */
  readonly uploadTicket: (buildId: string) => UploadTicket;
  readonly pages: Pages;
}

/** Members as the API spells them; times are epoch seconds. A member that is `undefined` is left out. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * Answers one operation. What it refuses with a type that the model does not list for it reaches the caller as
 * InvalidRequestException.
 * @param input - Checked against the model, and without members that the model does not know.
 */
export type Operation = (input: Members, context: ApiContext) => Outcome<Members>;

/** By name, such as `CreateGameSession`. */
export type Operations = Readonly<Record<string, Operation>>;

/** Wall-clock milliseconds as the API tells times. */
export function epochSeconds(atMs: number): number {
  return atMs / 1_000;
}

/** The empty string, which records have for nothing, as the API tells it: not at all. */
export function unlessEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** Without the members that are `undefined`. */
export function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
