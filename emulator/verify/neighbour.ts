import type { ControlPlane } from "../plane/control-plane.ts";
import type { ServerLink } from "../plane/links.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Compute } from "../plane/records.ts";
import { VERIFY_LIMITS } from "./limits.ts";

/** Nobody listens to it, and nobody is behind it. */
const DEAF_LINK: ServerLink = { push: () => {}, close: () => {} };

/** Another server process of the fleet, on paper: it hosts a game session whose players are not the server's. */
export class Neighbour {
  readonly #plane: ControlPlane;
  readonly #compute: Compute;

  constructor(plane: ControlPlane, compute: Compute) {
    this.#plane = plane;
    this.#compute = compute;
  }

  /** @returns A reserved player session of its game session; `undefined` when the service refuses. */
  playerSessionId(playerId: string): string | undefined {
    const gameSessionId = this.#host();
    if (gameSessionId === undefined) return undefined;
    const created = this.#plane.playerSessions.create(gameSessionId, [
      { playerId, playerData: "" },
    ]);
    return isRefused(created) ? undefined : created.value[0]?.playerSessionId;
  }

  /** It takes the game session, for the server under test has one already. */
  #host(): string | undefined {
    const { processes, gameSessions, uuid } = this.#plane;
    const { fleetId, computeName, location } = this.#compute;
    const identity = { fleetId, computeName, processId: `neighbour-${uuid()}` };
    processes.expect(identity);
    const version = { sdkVersion: "5.6.0", sdkLanguage: "none" };
    const process = processes.connect({ ...identity, ...version }, DEAF_LINK);
    if (isRefused(process)) return undefined;
    const { portMax } = VERIFY_LIMITS;
    processes.ready(process.value, { ...version, port: portMax, logPaths: ["logs"] });
    processes.report(process.value, true);
    const session = gameSessions.create({
      fleetId,
      location,
      maximumPlayerSessionCount: VERIFY_LIMITS.playersMax,
    });
    if (isRefused(session)) return undefined;
    gameSessions.activate(process.value, session.value.gameSessionId);
    return session.value.gameSessionId;
  }
}
