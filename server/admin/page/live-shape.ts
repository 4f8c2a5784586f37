export type {
  LiveSeconds,
  LiveSnapshot,
  TickVerdict,
} from "../../telemetry/live/live-snapshot.ts";
export type { JoinOutcome } from "../../telemetry/telemetry.ts";
