/**
 * A look at what may be there and need not: programs, and AWS credentials, of which only the names of variables are said.
 * @module
 */
import { findProgram } from "../../dev/prometheus.ts";
import type { Finding, Patient } from "./finding.ts";

const PROGRAMS = {
  prometheus: "fleetroom dev runs it beside the servers",
  aws: "commands of docs/ANYWHERE.md and docs/DEPLOY.md use it",
} as const;

const CREDENTIALS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];
const REGIONS = ["AWS_REGION", "AWS_DEFAULT_REGION", "FLEETROOM_AWS_REGION"];

export function programFindings(searchPath: string): Finding[] {
  return Object.entries(PROGRAMS).map(([name, use]) => {
    const file = findProgram(name, searchPath);
    if (file !== undefined) return { about: name, state: "good", words: file };
    return {
      about: name,
      state: "note",
      words: `not installed; ${use}, and nothing else needs it`,
    };
  });
}

export function awsFinding(env: Patient["env"]): Finding {
  const about = "credentials";
  const set = (names: readonly string[]) => names.filter((name) => !!env[name]);
  const found = set(CREDENTIALS);
  if (found.length === 0) {
    const words =
      "no variable of AWS credentials is set; only anywhere and fleets in AWS need them";
    return { about, state: "note", words };
  }
  const hasHalf = !env["AWS_ACCESS_KEY_ID"] !== !env["AWS_SECRET_ACCESS_KEY"];
  const words = `set, not tried: ${[...found, ...set(REGIONS)].join(", ")}`;
  if (hasHalf) {
    const advice = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or none";
    return { about, state: "wrong", words, advice };
  }
  if (set(REGIONS).length > 0) return { about, state: "good", words };
  return { about, state: "note", words, advice: "set AWS_REGION as well, such as eu-central-1" };
}
