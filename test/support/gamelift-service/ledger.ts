import type { Message } from "../../../emulator/server-sdk/rules/answer.ts";
import { Happenings } from "./happenings.ts";

/** A request as it reached the service. */
export interface RecordedRequest {
  /** `""` when it named none. */
  readonly action: string;
  readonly requestId: string;
  readonly message: Message;
  readonly processId: string;
  /** Number of the connection it came over. */
  readonly connection: number;
  /** The service's clock, monotonic. */
  readonly atMs: number;
  /** This process sent the same RequestId before. */
  readonly isDuplicate: boolean;
  /** What is not as documented, by member, without values. */
  readonly violations: readonly string[];
  /** Of the answer that was decided upon, sent or not; nothing while it is silenced. */
  readonly statusCode: number | undefined;
}

export type Wanted = string | ((request: RecordedRequest) => boolean);

/** A test that makes more requests than these has lost its way. */
const REQUESTS_MAX = 1_000_000;

/** Everything the service was asked. */
export class Ledger extends Happenings {
  readonly requests: RecordedRequest[] = [];
  readonly violations: string[] = [];

  record(request: RecordedRequest): void {
    if (this.requests.length >= REQUESTS_MAX) throw new Error("too many requests for one test");
    this.requests.push(request);
    const name = request.action === "" ? "message" : request.action;
    this.violate(request.violations.map((text) => `${name}: ${text}`));
  }

  violate(violations: readonly string[]): void {
    this.violations.push(...violations);
  }

  /** Requests of an action that reached the service, the same RequestId once. */
  count(wanted: Wanted): number {
    return this.matching(wanted, 0).filter((request) => !request.isDuplicate).length;
  }

  matching(wanted: Wanted, from: number): readonly RecordedRequest[] {
    const isWanted =
      typeof wanted === "string" ? (request: RecordedRequest) => request.action === wanted : wanted;
    return this.requests.slice(from).filter(isWanted);
  }
}
