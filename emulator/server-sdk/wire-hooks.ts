/**
 * What others may do to the wire, and see of it: a fault script and a judge of server processes. Neither is needed.
 * @module
 */
import type { ServerProcess } from "../plane/records.ts";
import type { Message } from "./rules/answer.ts";
import type { UpgradeQuery } from "./rules/upgrade-query.ts";

/** A server process as its connection names it; it need not be known to the control plane yet. */
export interface WireProcess {
  readonly fleetId: string;
  readonly computeName: string;
  readonly processId: string;
}

/** What befalls an upgrade: an HTTP status instead of 101, or a reset without an answer. */
export type UpgradeFault = { readonly status: number } | { readonly reset: true };

/** What befalls a request, in this order of weight: lost, refused, late, doubled. */
export interface AnswerFault {
  /** `request`: read, without effect and answer. `answer`: has its effect, and no answer. */
  readonly lost: "request" | "answer" | undefined;
  /** Answered so, without effect. */
  readonly refusal: { readonly statusCode: number; readonly errorMessage: string } | undefined;
  /** From the effect to the answer; 0 for at once. */
  readonly delayMs: number;
  /** How often the answer goes out. */
  readonly copies: number;
}

export interface PushFault {
  readonly isLost: boolean;
  readonly delayMs: number;
  readonly copies: number;
}

/** Asked once for each upgrade, request and push. */
export interface WireFaults {
  beforeUpgrade(process: WireProcess): UpgradeFault | undefined;
  beforeAnswer(action: string, process: WireProcess): AnswerFault;
  beforePush(action: string, process: WireProcess): PushFault;
}

/** How a connection ends, or goes dead: `half-open` carries nothing from then on and stays open. */
export type Cut =
  | { readonly kind: "reset" }
  | { readonly kind: "half-open" }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** Something on the wire. Connections are numbered from 1 in the order of their coming. */
export type Sighting =
  /** The query holds the token: a secret. */
  | {
      readonly kind: "connected";
      readonly connection: number;
      readonly process: ServerProcess;
      readonly query: UpgradeQuery;
      /** By its IdempotencyToken. */
      readonly as: "first" | "reconnect" | "refresh";
    }
  | {
      readonly kind: "refused";
      readonly query: UpgradeQuery;
      readonly status: number;
      readonly message: string;
    }
  | {
      readonly kind: "disconnected";
      readonly connection: number;
      readonly process: ServerProcess;
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly kind: "request";
      readonly connection: number;
      readonly process: ServerProcess;
      /** `""` when it named none. */
      readonly action: string;
      readonly requestId: string;
      readonly message: Message;
      /** Of the answer; `undefined` for a request that was lost. */
      readonly statusCode: number | undefined;
      /** What is not as documented, such as `Port: not an integer`. */
      readonly problems: readonly string[];
      /** This RequestId was answered before. */
      readonly isRepeat: boolean;
    }
  | {
      readonly kind: "bad-frame";
      readonly connection: number;
      readonly process: ServerProcess;
      readonly why: string;
    }
  | {
      readonly kind: "push";
      readonly connection: number;
      readonly process: ServerProcess;
      readonly action: string;
    };
