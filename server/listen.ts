import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { ErrorCode, GameServerError } from "./errors.ts";

/**
 * Opens the first free port of a list.
 * @param ports - Candidates in order; `0` means any free one.
 * @returns The port that was opened.
 * @throws GameServerError PORT_TAKEN when none could be opened.
 */
export async function listenOnFirstFree(
  server: Server,
  ports: readonly number[],
  host: string,
  backlog: number,
): Promise<number> {
  let cause: unknown;
  for (const port of ports) {
    try {
      return await listenOn(server, port, host, backlog);
    } catch (error) {
      cause = error;
    }
  }
  throw new GameServerError(
    ErrorCode.PORT_TAKEN,
    `cannot listen on ${host}, port ${named(ports)}: ${cause instanceof Error ? cause.message : "taken"}`,
    { cause },
  );
}

async function listenOn(
  server: Server,
  port: number,
  host: string,
  backlog: number,
): Promise<number> {
  server.listen({ port, host, backlog, exclusive: true });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** `7000 to 7003, 9000`: runs as they are in the list. */
function named(ports: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const port of ports) {
    const run = runs.at(-1);
    if (run !== undefined && port === run.last + 1) run.last = port;
    else runs.push({ first: port, last: port });
  }
  return runs
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`))
    .join(", ");
}
