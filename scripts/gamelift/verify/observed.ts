/**
 * What the servers of a build left and showed: logs, targets of the scraper, results.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Jail } from "./jail.ts";

const SCRAPE_MS = 5_000;
/** One of the server and one of each match. */
const SERIES = ["fleetroom_build_info{", "fleetroom_ticks_total"] as const;

/** @returns What is wrong with the log files, or nothing. */
export function wrongWithLogs(
  { gameFolder }: Jail,
  ports: ReadonlySet<number>,
  secrets: readonly string[],
): string | undefined {
  const files = globSync("logs/*/server.jsonl", { cwd: gameFolder });
  const listening = new Set<unknown>();
  for (const file of files) {
    const text = readFileSync(path.join(gameFolder, file), "utf8");
    if (secrets.some((secret) => text.includes(secret))) return `${file} has a player session id`;
    for (const line of text.split("\n").filter(Boolean)) {
      try {
        const { event, port } = JSON.parse(line) as { event?: string; port?: number };
        if (event === "server_listening") listening.add(port);
      } catch {
        return `${file} has a line that is no JSON: ${line.slice(0, 200)}`;
      }
    }
  }
  const missing = [...ports].filter((port) => !listening.has(port));
  if (missing.length === 0) return undefined;
  return `no log says that a server listens on ${missing.join(", ")}; there are ${files.length} logs`;
}

/** Whether the build's settings have its servers tell a scraper where they are. */
export function hasTargets({ gameFolder }: Jail): boolean {
  const settings = JSON.parse(readFileSync(path.join(gameFolder, "fleetroom.json"), "utf8"));
  return typeof settings.targetsDir === "string" && !["", "off"].includes(settings.targetsDir);
}

/** @returns What is wrong with what the agent would find and scrape, or nothing. */
export async function wrongWithTargets(
  { gameFolder }: Jail,
  processes: number,
): Promise<string | undefined> {
  const files = globSync("targets/server-*.json", { cwd: gameFolder });
  if (files.length !== processes) return `${files.length} targets files of ${processes} processes`;
  for (const file of files) {
    const text = readFileSync(path.join(gameFolder, file), "utf8");
    const [entry] = JSON.parse(text) as { targets: string[]; labels: Record<string, string> }[];
    const answer = await fetch(`http://${entry?.targets[0]}/metrics`, {
      signal: AbortSignal.timeout(SCRAPE_MS),
    }).catch((error: Error) => error);
    if (answer instanceof Error) return `${file}: ${answer.message}`;
    const metrics = await answer.text();
    const absent = SERIES.find((series) => !metrics.includes(series));
    if (answer.status !== 200 || absent !== undefined) {
      return `${file}: status ${answer.status}, without ${absent}`;
    }
  }
  return undefined;
}

/** Outcomes of the matches whose results were written, in no order. */
export function outcomes({ gameFolder }: Jail): readonly unknown[] {
  return globSync("logs/results/**/*.json", { cwd: gameFolder }).map((file) => {
    return (JSON.parse(readFileSync(path.join(gameFolder, file), "utf8")) as { outcome?: unknown })
      .outcome;
  });
}
