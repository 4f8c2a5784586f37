/**
 * A look at the ports that `fleetroom dev` and `fleetroom start` would take.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { PORTS } from "../../gamelift/launch.ts";
import type { Finding } from "./finding.ts";

/** Each is replaced by another one where it is taken. */
const USUAL = { page: 8080, lobby: 8090, emulator: 9080 } as const;

export async function portFindings(
  isFree: (port: number) => Promise<boolean> = isFreePort,
): Promise<Finding[]> {
  const { first, last } = PORTS;
  const about = "ports";
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const free = (await Promise.all(all.map(isFree))).filter(Boolean).length;
  const taken: string[] = [];
  for (const [name, port] of Object.entries(USUAL)) {
    if (!(await isFree(port))) taken.push(`${port} (${name})`);
  }
  const games: Finding =
    free > 0
      ? { about, state: "good", words: `${free} of ${all.length} game ports are free` }
      : {
          about,
          state: "wrong",
          words: `no port from ${first} to ${last} is free, so no server can start`,
          advice: `end what listens there, or give others: fleetroom start --port 7100-7149`,
        };
  if (taken.length === 0) return [games];
  const words = `taken: ${taken.join(", ")}; fleetroom dev takes others in their place`;
  return [games, { about, state: "note", words }];
}

async function isFreePort(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
