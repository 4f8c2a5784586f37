import { CloseCode } from "../../protocol/close-codes.ts";
import type { RefusalReason } from "../telemetry/telemetry.ts";

/** Why somebody gets no seat, and what he is told of it. */
export interface Refused {
  readonly outcome: "refused";
  readonly code: CloseCode;
  /** For telemetry alone: an answer tells a stranger nothing. */
  readonly reason: RefusalReason;
}

/** All reasons that concern the id itself share one code, so that an answer tells a stranger nothing. */
export const CODE_OF_REASON: Readonly<Record<RefusalReason, CloseCode>> = {
  malformed: CloseCode.REFUSED,
  unknown: CloseCode.REFUSED,
  contradicted: CloseCode.REFUSED,
  foreign: CloseCode.REFUSED,
  expired: CloseCode.REFUSED,
  used: CloseCode.REFUSED,
  in_use: CloseCode.REFUSED,
  bad_token: CloseCode.REFUSED,
  no_reservation: CloseCode.REFUSED,
  fleet_refused: CloseCode.REFUSED,
  room_refused: CloseCode.REFUSED,
  abandoned: CloseCode.REFUSED,
  full: CloseCode.MATCH_FULL,
  closed: CloseCode.CLOSED_TO_JOINS,
  fleet_unavailable: CloseCode.TRY_AGAIN,
  busy: CloseCode.TRY_AGAIN,
  rate_limited: CloseCode.TRY_AGAIN,
  too_many_returns: CloseCode.TRY_AGAIN,
  outdated: CloseCode.UPDATE_CLIENT,
  no_match: CloseCode.TRY_AGAIN,
};
