import {
  type FleetApi,
  FleetApiError,
  type GameSessionRecord,
  type Placement,
  type PlacementRequest,
  type Player,
  type PlayerSessionRecord,
  type Seat,
} from "../../../backend/lobby/fleet-api.ts";

export const ADDRESS = { ipAddress: "127.0.0.1", dnsName: "one.example", port: 7000 };

interface Session {
  readonly gameSessionId: string;
  phase: GameSessionRecord["phase"];
  playersMax: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  /** A search does not know it yet. */
  isHidden: boolean;
}

/** A fleet without servers: the test says what becomes of each placement. All calls are recorded, and answered at once. */
export class ScriptedFleetApi implements FleetApi {
  readonly calls: string[] = [];
  readonly sessions = new Map<string, Session>();
  readonly placements = new Map<string, { request: PlacementRequest; placement: Placement }>();
  readonly playerSessions: (PlayerSessionRecord & { playerId: string; playerData: string })[] = [];
  /** Faults of the next calls, first come first served; `undefined` lets one pass. */
  readonly faults: (FleetApiError | Error | undefined)[] = [];
  /** What happens before a call is answered. */
  meanwhile: (call: string) => void = () => {};
  wallMs: () => number = () => 0;
  #ids = 0;

  /** A game session that takes players. */
  open(room: string, playersMax: number, more: Partial<Session> = {}): string {
    const gameSessionId = more.gameSessionId ?? `gsess-${++this.#ids}`;
    this.sessions.set(gameSessionId, {
      gameSessionId,
      phase: "active",
      playersMax,
      gameProperties: { room },
      createdAtMs: this.wallMs(),
      isHidden: false,
      ...more,
    });
    return gameSessionId;
  }

  /** Reserves seats without asking, as another lobby would. */
  fill(gameSessionId: string, seats: number): void {
    for (let seat = 0; seat < seats; seat++) {
      this.addPlayerSession(gameSessionId, { playerId: `stranger-${++this.#ids}`, playerData: "" });
    }
  }

  /** Ends each pending placement with a game session in that phase. */
  fulfill(phase: Session["phase"] = "active", more: Partial<Session> = {}): string[] {
    const made: string[] = [];
    for (const entry of this.placements.values()) {
      if (entry.placement.state !== "pending") continue;
      const { playersMax, gameProperties, players } = entry.request;
      const gameSessionId = this.open("", playersMax, { phase, gameProperties, ...more });
      const seats = players.map((player) => this.addPlayerSession(gameSessionId, player));
      entry.placement = {
        state: "fulfilled",
        gameSessionId,
        playerSessionIds: new Map(
          seats.map(({ playerId, playerSessionId }) => [playerId, playerSessionId]),
        ),
      };
      made.push(gameSessionId);
    }
    return made;
  }

  endPlacements(why: string): void {
    for (const entry of this.placements.values()) entry.placement = { state: "ended", why };
  }

  addPlayerSession(gameSessionId: string, { playerId, playerData }: Player) {
    const session = {
      playerSessionId: `psess-${++this.#ids}`,
      gameSessionId,
      status: "RESERVED",
      createdAtMs: this.wallMs(),
      playerId,
      playerData,
    };
    this.playerSessions.push(session);
    return session;
  }

  playersOf(gameSessionId: string): string[] {
    return this.playerSessions
      .filter((each) => each.gameSessionId === gameSessionId)
      .map(({ playerId }) => playerId);
  }

  count(call: string): number {
    return this.calls.filter((each) => each === call).length;
  }

  async openGameSessions(): Promise<readonly GameSessionRecord[]> {
    this.#called("openGameSessions");
    return [...this.sessions.values()]
      .filter(({ phase, isHidden }) => phase === "active" && !isHidden)
      .map((session) => this.#record(session));
  }

  async gameSession(gameSessionId: string): Promise<GameSessionRecord | undefined> {
    this.#called("gameSession");
    const session = this.sessions.get(gameSessionId);
    return session && this.#record(session);
  }

  async reserve(
    gameSessionId: string,
    players: readonly Player[],
  ): Promise<readonly Seat[] | undefined> {
    this.#called("reserve");
    const session = this.sessions.get(gameSessionId);
    if (session?.phase !== "active" || this.#record(session).room < players.length) {
      return undefined;
    }
    return players.map((player) => {
      const { playerSessionId } = this.addPlayerSession(gameSessionId, player);
      return { playerId: player.playerId, playerSessionId, gameSessionId, address: ADDRESS };
    });
  }

  async place(request: PlacementRequest): Promise<void> {
    this.#called("place");
    this.placements.set(request.placementId, { request, placement: { state: "pending" } });
  }

  async placement(placementId: string): Promise<Placement> {
    this.#called("placement");
    return this.placements.get(placementId)?.placement ?? { state: "ended", why: "unknown" };
  }

  async cancelPlacement(placementId: string): Promise<void> {
    this.#called("cancelPlacement");
    const entry = this.placements.get(placementId);
    if (entry?.placement.state === "pending")
      entry.placement = { state: "ended", why: "CANCELLED" };
  }

  async playerSessionsOf(playerId: string): Promise<readonly PlayerSessionRecord[]> {
    this.#called("playerSessionsOf");
    return this.playerSessions.filter((each) => each.playerId === playerId);
  }

  #called(call: string): void {
    this.calls.push(call);
    this.meanwhile(call);
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
  }

  #record({ isHidden: _hidden, playersMax, ...session }: Session): GameSessionRecord {
    const taken = this.playerSessions.filter(
      ({ gameSessionId, status }) =>
        gameSessionId === session.gameSessionId && (status === "RESERVED" || status === "ACTIVE"),
    ).length;
    return { ...session, room: Math.max(0, playersMax - taken), address: ADDRESS };
  }
}

export function fault(mayPass: boolean): FleetApiError {
  return new FleetApiError({ operation: "Any", fault: "AnyException", mayPass }, "Any: words");
}
