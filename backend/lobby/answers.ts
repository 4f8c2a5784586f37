/**
 * What the lobby says over HTTP, in the two forms that it speaks: its own and Colyseus's.
 * @module
 */
import type { GameAddress } from "./fleet-api.ts";
import { type RefusalCode, refusalRow } from "./refusals.ts";

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
}

export function refusal(code: RefusalCode): Answer {
  const { status, message, retryAfterSeconds } = refusalRow(code);
  return withRetry({ status, body: { code, message } }, retryAfterSeconds);
}

/** As Colyseus 0.18 words a refused matchmaking request; `reason` is the lobby's own code. */
export function colyseusRefusal(reason: RefusalCode): Answer {
  const row = refusalRow(reason);
  const { colyseusCode: code, message: error, retryAfterSeconds } = row;
  return withRetry(
    { status: row.colyseusStatus ?? row.status, body: { code, error, reason } },
    retryAfterSeconds,
  );
}

function withRetry(answer: Answer, retryAfterSeconds: number | undefined): Answer {
  if (retryAfterSeconds === undefined) return answer;
  return { ...answer, body: { ...answer.body, retryAfterSeconds }, retryAfterSeconds };
}

/** @param isTls - The game port's certificate is good for the DNS name alone. */
export function hostOf({ ipAddress, dnsName }: GameAddress, isTls: boolean): string {
  return isTls ? dnsName || ipAddress : ipAddress || dnsName;
}

/** Host and port as a URL has them. */
export function authorityOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
