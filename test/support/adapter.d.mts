export type Transport = "tcp" | "ws";

export interface Event {
  readonly kind: "welcome" | "state" | "patch" | "refused" | "closed" | "other";
  readonly tick?: number;
  readonly state?: { toJSON(): Record<string, unknown> };
  readonly token?: string;
  readonly code?: number;
  readonly payload: Buffer;
  readonly reply?: Buffer;
}

export interface Greeting {
  readonly path: string;
  readonly hello: Buffer;
  readonly answers: readonly (readonly [string, string])[];
}

export function start(options: {
  dir: string;
  /** Another program than `server/main.ts` of `dir`. */
  program?: { file: string; cwd: string };
  room?: string;
  tickRateHz?: number;
  maxPlayers?: number;
  env?: Record<string, string>;
  session?: object;
  resultsUrl?: string;
}): Promise<{
  pid: number;
  host: string;
  port: number;
  adminPort: number;
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}>;
export function join(transport: Transport, playerSessionId: string): Greeting;
export function reconnect(transport: Transport, token: string): Greeting;
export function command(seq: number, input: { buttons: number; aimRadians: number }): Buffer;
export function leave(): Buffer;
export function ping(): Buffer;
export function preamble(transport: Transport): Buffer;
export function frame(transport: Transport, payload: Buffer): Buffer;
export function decoder(transport: Transport): { push(bytes: Uint8Array): Event[] };
