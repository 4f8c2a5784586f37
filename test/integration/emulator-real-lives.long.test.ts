import { describe, expect, it } from "vitest";
import { type Emulator, openEmulator } from "../../emulator/emulator.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import type { GameSession } from "../../emulator/plane/records.ts";
import { pidsWith } from "../support/emulator-program.ts";
import { heapBytes, slope } from "../support/heap.ts";
import { LightPlayer } from "../support/light-player.ts";

const LIVES = 200;
const PROCESSES = 6;
const FLEET_ID = "fleet-lives";
const TURN_WITHIN_MS = 60_000;

const FLEET_FILE = {
  Fleets: [
    {
      FleetId: FLEET_ID,
      Name: "lives",
      ComputeType: "EC2",
      RuntimeConfiguration: {
        ServerProcesses: [
          {
            LaunchPath: "/local/game/node_modules/.bin/node",
            Parameters:
              "server/main.ts --host 127.0.0.1 --port 21200-21249 --room arena --empty-seconds 1 --journal-dir= --results-dir=",
            ConcurrentExecutions: PROCESSES,
          },
        ],
      },
    },
  ],
};

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + TURN_WITHIN_MS;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`not within ${TURN_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What happened to player sessions, as the control plane tells it. */
class Account {
  readonly accepted = new Set<string>();
  readonly hosts = new Map<string, string>();
  accepts = 0;
  removes = 0;
  endedWithSession = 0;

  constructor({ plane }: Emulator) {
    plane.happenings.listen(
      ({ kind, playerSessionId = "", gameSessionId = "", processId = "" }) => {
        if (kind === "game-session-created") {
          expect(this.hosts.has(gameSessionId)).toBe(false);
          this.hosts.set(gameSessionId, processId);
        }
        if (kind === "player-session-active") {
          this.accepts++;
          this.accepted.add(playerSessionId);
        }
        if (kind !== "player-session-ended" || !this.accepted.delete(playerSessionId)) return;
        const isWithSession = plane.playerSessions.find(playerSessionId)?.endedWithGameSession;
        if (isWithSession) this.endedWithSession++;
        else this.removes++;
      },
    );
  }
}

/** A match from its placement to its end, in a way that changes from life to life. */
async function live({ plane }: Emulator, turn: number): Promise<void> {
  let session: GameSession | undefined;
  await until(() => {
    const outcome = plane.gameSessions.create({ fleetId: FLEET_ID, maximumPlayerSessionCount: 4 });
    if ("value" in outcome) session = outcome.value;
    return session !== undefined;
  });
  if (session === undefined) throw new Error("unreachable");
  const { gameSessionId, port } = session;
  await until(() => session?.status !== "ACTIVATING");
  const ids = ["ann", "bob"].map((playerId) => ({ playerId, playerData: "" }));
  const reserved = plane.playerSessions.create(gameSessionId, ids);
  if (!("value" in reserved)) throw new Error(reserved.message);
  const players = await Promise.all(
    reserved.value.map(({ playerSessionId }, seat) =>
      LightPlayer.join({ port, transport: seat === 0 ? "tcp" : "ws" }, playerSessionId),
    ),
  );
  for (const player of players) {
    if (typeof player === "number") throw new Error(`refused with ${player}`);
    player.steer();
  }
  const seated = players.filter((player) => typeof player !== "number");
  if (turn % 4 === 0) plane.gameSessions.terminate(gameSessionId, "FORCE_TERMINATE");
  else if (turn % 4 === 1) {
    // The one who is left ends with the match.
    await seated[0]?.leave();
    plane.gameSessions.terminate(gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE");
    await seated[1]?.leave();
  } else await Promise.all(seated.map((player) => player.leave()));
  await until(() => session?.status === "TERMINATED");
  await Promise.all(seated.map(({ closed }) => closed));
}

/** Records of 1,000 game sessions that are over are kept: they are there from the start, so that what rises is no record. */
function fillThePast({ plane }: Emulator): void {
  const location = "custom-past";
  plane.locations.create(location);
  const fleet = plane.fleets.create({
    name: "past",
    computeType: "ANYWHERE",
    locations: [location],
  });
  if (!("value" in fleet)) throw new Error(fleet.message);
  const { fleetId } = fleet.value;
  const compute = { ipAddress: "127.0.0.1", dnsName: "", type: "ANYWHERE" as const };
  plane.computes.register({ fleetId, computeName: "past", location, ...compute });
  const facts = { sdkVersion: "5.6.0", sdkLanguage: "Go", port: 7_000, logPaths: ["logs"] };
  for (let count = 0; count < 1_000; count++) {
    const identity = { fleetId, computeName: "past", processId: `past-${count}` };
    const process = plane.processes.connect({ ...identity, ...facts }, { push() {}, close() {} });
    if (!("value" in process)) throw new Error(process.message);
    plane.processes.ready(process.value, facts);
    plane.processes.report(process.value, true);
    const request = { fleetId, location, maximumPlayerSessionCount: 4 };
    const session = plane.gameSessions.create(request);
    if (!("value" in session)) throw new Error(session.message);
    const { gameSessionId } = session.value;
    plane.gameSessions.activate(process.value, gameSessionId);
    const players = ["ann", "bob"].map((playerId) => ({ playerId, playerData: "" }));
    plane.playerSessions.create(gameSessionId, players);
    plane.processes.kill(process.value);
  }
}

describe("200 lives of real server processes", () => {
  it("[GT33] balance to the last player, whoever ends them, and every process is replaced", async () => {
    const emulator = await openEmulator({
      fleetFile: parseFleetFile(JSON.stringify(FLEET_FILE), "fleet.json"),
      launchRoots: [process.cwd()],
      environment: process.env,
      print: () => {},
    });
    fillThePast(emulator);
    const account = new Account(emulator);
    const heaps: number[] = [];
    let lived = 0;
    try {
      const startMs = performance.now();
      const one = async () => {
        while (lived < LIVES) {
          const turn = lived++;
          await live(emulator, turn);
          if (turn % 20 === 19) heaps.push(heapBytes());
        }
      };
      await Promise.all(Array.from({ length: PROCESSES }, one));
      const seconds = Math.round((performance.now() - startMs) / 1_000);
      const kilobytes = heaps.map((bytes) => Math.round(bytes / 2 ** 10)).join(" ");
      const { accepts, removes, endedWithSession } = account;
      process.stdout.write(
        `${LIVES} real lives in ${seconds} s: ${JSON.stringify({ accepts, removes, endedWithSession })}, heap after each twenty, KB: ${kilobytes}\n`,
      );
    } finally {
      await emulator.close();
    }
    const { accepts, removes, endedWithSession, hosts, accepted } = account;
    expect(accepts).toBe(2 * LIVES);
    expect(removes + endedWithSession).toBe(accepts);
    expect(accepted.size).toBe(0);
    for (const count of [removes, endedWithSession]) expect(count).toBeGreaterThan(LIVES / 4);
    expect(hosts.size).toBe(LIVES);
    expect(new Set(hosts.values()).size, "each in a process of its own").toBe(LIVES);
    expect(slope(heaps.slice(2))).toBeLessThan(0.05);
    expect(pidsWith("GAMELIFT_SDK_FLEET_ID", FLEET_ID)).toEqual([]);
  });
});
