import { VERIFY_LIMITS } from "../limits.ts";
import type { Reading } from "../reading.ts";
import { broken, kept, notChecked, notReached, type Rule, timeText, warning } from "../rule.ts";

/** For the way of a heartbeat through two processes of a busy machine. */
const SLACK_MS = 1_000;

const sendsFirstHeartbeat: Rule = {
  id: "V8",
  name: "sends-first-heartbeat",
  demand: "A process reports its health (HeartbeatServerProcess) as soon as it is ready.",
  lives: ["match"],
  judge(reading) {
    const { ready, terms } = reading;
    if (ready === undefined) return notReached(reading);
    const [first] = reading.requests("HeartbeatServerProcess");
    if (first === undefined)
      return broken(`none within ${timeText(terms.firstReportMs)} of being ready`);
    const waitedMs = first.atMs - ready.atMs;
    const seen = `the first came ${timeText(waitedMs)} after it was ready`;
    if (waitedMs > terms.firstReportMs) return broken(seen);
    return waitedMs > VERIFY_LIMITS.firstReportSoonMs
      ? warning(`${seen}; no game session is given to it before`)
      : kept(seen);
  },
};

const reportsHealthy: Rule = {
  id: "V9",
  name: "reports-healthy",
  demand: "A process reports HealthStatus true for as long as it is well.",
  lives: ["match", "idle"],
  judge(reading) {
    const reports = reading.requests("HeartbeatServerProcess");
    if (reports.length === 0) return notReached(reading);
    const bad = reports.filter(({ members }) => members["HealthStatus"] !== true);
    if (bad.length === 0) return kept(`${reports.length} of ${reports.length} reports`);
    return broken(`${bad.length} of ${reports.length} reports did not say true`);
  },
};

const keepsHeartbeatPace: Rule = {
  id: "V10",
  name: "keeps-heartbeat-pace",
  demand:
    "A process reports its health every 60 s, give or take 10; three that are missing end it.",
  lives: ["match"],
  judge(reading) {
    const times = reading.requests("HeartbeatServerProcess").map(({ atMs }) => atMs);
    const [first] = times;
    if (first === undefined) return notReached(reading);
    const { reportMs } = reading.terms;
    const allowedMs = reportMs * 1.25 + SLACK_MS;
    const gaps = gapsOf([...times, endOfReports(reading)]);
    const longest = Math.max(...gaps);
    if (longest > allowedMs)
      return broken(
        `${timeText(longest)} without a report; every ${timeText(reportMs)} one is due`,
      );
    const between = gaps.slice(0, -1);
    if (between.length === 0) {
      const due = `the next one is due ${timeText(reportMs)} after the first`;
      return notChecked(`${due} and was not waited for; --heartbeats 1 waits for it`);
    }
    const shortest = Math.min(...between);
    const seen = `${times.length} reports, ${timeText(shortest)} to ${timeText(Math.max(...between))} apart`;
    return shortest < VERIFY_LIMITS.reportMsMin && reportMs >= 10 * VERIFY_LIMITS.reportMsMin
      ? warning(seen)
      : kept(seen);
  },
};

/** From its goodbye or its end on, no report is due. */
function endOfReports(reading: Reading): number {
  return (reading.goodbye ?? reading.exited)?.atMs ?? reading.endMs;
}

function gapsOf(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, index) => Math.max(0, time - (times[index] ?? time)));
}

export const healthRules = [sendsFirstHeartbeat, reportsHealthy, keepsHeartbeatPace] as const;
