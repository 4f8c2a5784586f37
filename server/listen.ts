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
  const tried = ports.length === 1 ? `${ports[0]}` : `${ports[0]} to ${ports.at(-1)}`;
  throw new GameServerError(
    ErrorCode.PORT_TAKEN,
    `cannot listen on ${host}, port ${tried}: ${cause instanceof Error ? cause.message : "taken"}`,
    { cause },
  );
}

function listenOn(server: Server, port: number, host: string, backlog: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog, exclusive: true }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
