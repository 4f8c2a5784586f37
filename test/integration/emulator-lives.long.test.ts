import { describe, expect, it } from "vitest";
import { ControlPlane } from "../../emulator/plane/control-plane.ts";
import { durations } from "../../emulator/plane/durations.ts";
import type { Outcome } from "../../emulator/plane/outcome.ts";
import type { Fleet as FleetRecord } from "../../emulator/plane/records.ts";
import { ServerSdkService } from "../../emulator/server-sdk/service.ts";
import type { GameSession } from "../../server/fleet/fleet.ts";
import { GameLiftFleet } from "../../server/fleet/gamelift/gamelift-fleet.ts";
import { MemoryTelemetry } from "../../server/telemetry/memory/memory-telemetry.ts";
import { emulatorDial } from "../support/emulator-dial.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";
import { heapBytes, slope } from "../support/heap.ts";

const LOCATION = "custom-laptop";
const LIVES = 10_000;
/** Processes that live side by side. */
const ABREAST = 20;
const PLAYERS = 4;
const never = new AbortController().signal;

/** Mulberry32: the same lives in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One server process: our own fleet port, on the emulator, without a network between them. */
interface Hosting {
  readonly fleet: GameLiftFleet;
  readonly sessions: GameSession[];
}

class World {
  readonly clock = new FakeClock();
  readonly random = seeded(2_026);
  readonly plane: ControlPlane;
  readonly service: ServerSdkService;
  readonly fleet: FleetRecord;
  readonly told = { accepts: 0, removes: 0, endedWithSession: 0, lapsed: 0, sessions: 0 };
  /** Player sessions that are ACTIVE. */
  readonly active = new Set<string>();
  #ids = 0;

  constructor() {
    this.plane = new ControlPlane({
      clock: this.clock,
      durations: durations(),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
      endpoint: () => "ws://127.0.0.1:9080",
    });
    this.service = new ServerSdkService({ plane: this.plane, rates: true });
    granted(this.plane.locations.create(LOCATION));
    const definition = { name: "lives", computeType: "ANYWHERE" as const, locations: [LOCATION] };
    this.fleet = granted(this.plane.fleets.create(definition));
    granted(
      this.plane.computes.register({
        fleetId: this.fleet.fleetId,
        computeName: "laptop",
        ipAddress: "127.0.0.1",
        dnsName: "",
        location: LOCATION,
        type: "ANYWHERE",
      }),
    );
    this.plane.happenings.listen(({ kind, playerSessionId = "" }) => {
      if (kind === "game-session-ended") this.told.sessions++;
      if (kind === "player-session-active") {
        expect(this.active.has(playerSessionId)).toBe(false);
        this.active.add(playerSessionId);
        this.told.accepts++;
      }
      if (kind === "player-session-ended") this.#ended(playerSessionId);
    });
  }

  #ended(playerSessionId: string): void {
    const player = this.plane.playerSessions.find(playerSessionId);
    if (!this.active.delete(playerSessionId)) this.told.lapsed++;
    else if (player?.endedWithGameSession) this.told.endedWithSession++;
    else this.told.removes++;
  }

  async start(processId: string): Promise<Hosting> {
    const sessions: GameSession[] = [];
    const { token } = granted(this.plane.computes.token(this.fleet.fleetId, "laptop"));
    const fleet = await GameLiftFleet.open({
      clock: this.clock,
      telemetry: new MemoryTelemetry(),
      environment: {
        GAMELIFT_SDK_WEBSOCKET_URL: "ws://127.0.0.1:9080",
        GAMELIFT_SDK_AUTH_TOKEN: token,
        GAMELIFT_SDK_PROCESS_ID: processId,
        GAMELIFT_SDK_HOST_ID: "laptop",
        GAMELIFT_SDK_FLEET_ID: this.fleet.fleetId,
      },
      logPaths: () => ["logs"],
      sdk: {
        dial: emulatorDial(this.service),
        random: this.random,
      },
    });
    await fleet.process.ready(7_000, {
      onGameSession: (session) => sessions.push(session),
      onGameSessionUpdated: () => {},
      onTerminate: () => {},
      onPlayerSessionsChanged: () => {},
      onReachable: () => {},
      onLost: () => {},
      isHealthy: () => true,
    });
    return { fleet, sessions };
  }

  readonly #living = new Map<string, Hosting>();

  /** Lives side by side: whoever places a game session cannot say which process gets it. */
  async livesAbreast(first: number): Promise<void> {
    const ids = Array.from({ length: ABREAST }, (_, index) => `process-${first + index}`);
    for (const id of ids) this.#living.set(id, await this.start(id));
    await settle();
    const placed = ids.map(() =>
      granted(
        this.plane.gameSessions.create({
          fleetId: this.fleet.fleetId,
          location: LOCATION,
          maximumPlayerSessionCount: PLAYERS,
        }),
      ),
    );
    expect(new Set(placed.map(({ processId }) => processId)).size).toBe(ABREAST);
    await settle();
    await Promise.all(
      placed.map(({ processId, gameSessionId }) => this.#host(processId, gameSessionId)),
    );
    // Reservations that nobody used lapse, and the fleet misses who left without a word.
    await this.clock.advanceAsync(6 * 60_000);
    for (const { gameSessionId } of placed) {
      expect(this.plane.gameSessions.find(gameSessionId)?.status).toBe("TERMINATED");
    }
    this.#living.clear();
  }

  async #host(processId: string, gameSessionId: string): Promise<void> {
    const hosting = this.#living.get(processId);
    if (hosting === undefined) throw new Error("a game session went to an unknown process");
    const { fleet, sessions } = hosting;
    expect(sessions.map((session) => session.gameSessionId)).toEqual([gameSessionId]);
    await fleet.process.activateGameSession(gameSessionId);
    await this.#play(hosting, gameSessionId);
    const end = this.random();
    if (end < 0.8) {
      await fleet.process.gameSessionEnded(gameSessionId);
      await fleet.process.ending();
    }
    // Of the others some lose their connection and come back to it before they go, without ProcessEnding: a crash.
    if (end >= 0.9) {
      const { fleetId } = this.fleet;
      this.service.cut({ fleetId, computeName: "laptop", processId }, { kind: "reset" });
      await settle();
    }
    await fleet[Symbol.asyncDispose]();
  }

  async #play({ fleet }: Hosting, gameSessionId: string): Promise<void> {
    const players = Array.from({ length: PLAYERS }, (_, at) => ({
      playerId: `player-${at}`,
      playerData: "",
    }));
    const reserved = granted(this.plane.playerSessions.create(gameSessionId, players));
    const known = await fleet.gameSessions.playerSessions(gameSessionId, never);
    expect(known).toHaveLength(PLAYERS);
    for (const { playerSessionId } of reserved) {
      if (this.random() < 0.1) continue;
      expect(await fleet.playerSessions.accept(playerSessionId, never)).toEqual({
        outcome: "accepted",
      });
      const again = await fleet.playerSessions.accept(playerSessionId, never);
      expect(again).toEqual({ outcome: "refused" });
      if (this.random() < 0.3) continue;
      const removal = await fleet.playerSessions.remove(playerSessionId, never);
      expect(removal).toEqual({ outcome: "removed" });
    }
  }
}

function granted<T>(outcome: Outcome<T>): T {
  if ("refusal" in outcome) throw new Error(`${outcome.refusal}: ${outcome.message}`);
  return outcome.value;
}

describe("10,000 lives of game sessions", () => {
  it("[GT30] balance to the last player, and memory stays flat", async () => {
    const world = new World();
    const heaps: number[] = [];
    for (let lived = 0; lived < LIVES; lived += ABREAST) {
      await world.livesAbreast(lived);
      if ((lived + ABREAST) % 1_000 === 0) heaps.push(heapBytes());
    }
    const { accepts, removes, endedWithSession, lapsed, sessions } = world.told;
    const kilobytes = heaps.map((bytes) => Math.round(bytes / 2 ** 10)).join(" ");
    process.stdout.write(`lives ${JSON.stringify(world.told)}, heap after each thousand, KB: ${kilobytes}
`);
    expect(sessions).toBe(LIVES);
    expect(accepts).toBe(removes + endedWithSession);
    expect(accepts + lapsed).toBe(LIVES * PLAYERS);
    for (const count of [removes, endedWithSession, lapsed])
      expect(count).toBeGreaterThan(LIVES / 10);
    expect(world.active.size).toBe(0);
    expect(world.plane.processes.list().filter(({ state }) => state !== "ENDED")).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
    // What is kept of the past has its full number after 2,000 lives.
    const settled = heaps.slice(2);
    expect(slope(settled)).toBeLessThan(0.05);
  });
});
