import { afterEach, describe, expect, it } from "vitest";
import type { Fleet, GameSession, PlayerSession } from "../../server/fleet/fleet.ts";
import { settle } from "../support/fake-clock.ts";

/** A fleet under test, with at least four RESERVED player sessions in each game session it places. */
export interface FleetUnderTest {
  readonly fleet: Fleet;
  /** Lets time pass for the fleet, until it has placed what it had to place. */
  pass(): Promise<void>;
  /** What the fleet has of a player session, where its descriptions are of those alone that wait for their players. */
  statusOf?(playerSessionId: string): PlayerSession["status"];
}

const never = new AbortController().signal;

/** What every fleet promises the server, whichever adapter it is. */
export function describeFleetContract(
  name: string,
  makeFleet: () => FleetUnderTest | Promise<FleetUnderTest>,
): void {
  describe(`${name} keeps the fleet contract`, () => {
    let open: Fleet | undefined;
    afterEach(async () => open?.[Symbol.asyncDispose]());

    /** A fleet that placed and activated one game session here. */
    async function placed() {
      const { fleet, pass, statusOf: known } = await makeFleet();
      open = fleet;
      const sessions: GameSession[] = [];
      await fleet.process.ready(7000, {
        onGameSession: (session) => sessions.push(session),
        onTerminate: () => {},
        onPlayerSessionsChanged: () => {},
        onGameSessionUpdated: () => {},
        onReachable: () => {},
        onLost: () => {},
        isHealthy: () => true,
      });
      const placedAtOnce = sessions.length;
      await pass();
      const session = sessions[0]!;
      await fleet.process.activateGameSession(session.gameSessionId);
      const records = await fleet.gameSessions.playerSessions(session.gameSessionId, never);
      const ids = records.map((record) => record.playerSessionId);
      const statusOf = async (id: string): Promise<PlayerSession["status"]> => {
        if (known !== undefined) return known(id);
        const all = await fleet.gameSessions.playerSessions(session.gameSessionId, never);
        return all.find((each) => each.playerSessionId === id)!.status;
      };
      return { fleet, pass, sessions, session, records, ids, statusOf, placedAtOnce };
    }

    it("[FL1] places a game session after ready, in a turn of its own", async () => {
      const { sessions, session, placedAtOnce } = await placed();
      expect(placedAtOnce).toBe(0);
      expect(sessions).toHaveLength(1);
      expect(session.maximumPlayerSessionCount).toBeGreaterThan(0);
    });

    it("[FL1] describes every player session that waits for its player, each with him", async () => {
      const { records, session } = await placed();
      expect(records.length).toBeGreaterThanOrEqual(4);
      for (const each of records) {
        expect(each.gameSessionId).toBe(session.gameSessionId);
        expect(each.playerId).not.toBe("");
        expect(each.status).toBe("RESERVED");
      }
      expect(new Set(records.map((each) => each.playerSessionId)).size).toBe(records.length);
    });

    it("[FL1] describes nothing of a game session that is not its own", async () => {
      const { fleet } = await placed();
      expect(await fleet.gameSessions.playerSessions("gsess-of-others", never)).toEqual([]);
    });

    it("[FL2] accepts a reserved player session once", async () => {
      const { fleet, ids, statusOf } = await placed();
      expect(await fleet.playerSessions.accept(ids[0]!, never)).toEqual({ outcome: "accepted" });
      expect(await statusOf(ids[0]!)).toBe("ACTIVE");
      expect(await fleet.playerSessions.accept(ids[0]!, never)).toEqual({ outcome: "refused" });
    });

    it("[FL2] accepts one of two calls made at the same moment", async () => {
      const { fleet, ids } = await placed();
      const answers = await Promise.all([
        fleet.playerSessions.accept(ids[1]!, never),
        fleet.playerSessions.accept(ids[1]!, never),
      ]);
      expect(answers.map((answer) => answer.outcome).sort()).toEqual(["accepted", "refused"]);
    });

    it.each(["psess-of-nobody", "", "x".repeat(10_000), "../..", "__proto__"])(
      "[FL2] refuses an unknown id (%#)",
      async (id) => {
        const { fleet } = await placed();
        expect(await fleet.playerSessions.accept(id, never)).toEqual({ outcome: "refused" });
      },
    );

    it("[FL3] completes an accepted player session for good", async () => {
      const { fleet, ids, statusOf } = await placed();
      await fleet.playerSessions.accept(ids[0]!, never);
      expect(await fleet.playerSessions.remove(ids[0]!, never)).toEqual({ outcome: "removed" });
      expect(await fleet.playerSessions.remove(ids[0]!, never)).toEqual({ outcome: "refused" });
      expect(await statusOf(ids[0]!)).toBe("COMPLETED");
      expect(await fleet.playerSessions.accept(ids[0]!, never)).toEqual({ outcome: "refused" });
    });

    it("[FL3] refuses a removal of a player session that is not active, or not its own", async () => {
      const { fleet, ids, statusOf } = await placed();
      for (const id of [ids[2]!, "psess-of-nobody", ""]) {
        expect(await fleet.playerSessions.remove(id, never)).toEqual({ outcome: "refused" });
      }
      expect(await statusOf(ids[2]!)).toBe("RESERVED");
    });

    it("[FL3] answers a removal that the caller gave up with unavailable, and names no id", async () => {
      const { fleet, ids } = await placed();
      await fleet.playerSessions.accept(ids[0]!, never);
      const answer = await fleet.playerSessions.remove(ids[0]!, AbortSignal.abort());
      expect(answer).toMatchObject({ outcome: "unavailable", cause: { name: "GameServerError" } });
      expect(String((answer as { cause: unknown }).cause)).not.toContain(ids[0]);
    });

    it("[FL4] answers with unavailable, not with a rejection, when the caller gave up", async () => {
      const { fleet, ids, statusOf } = await placed();
      const answer = await fleet.playerSessions.accept(ids[3]!, AbortSignal.abort());
      expect(answer.outcome).toBe("unavailable");
      expect(await statusOf(ids[3]!)).toBe("RESERVED");
    });

    it("[FL1] opens and closes its game session, and no other", async () => {
      const { fleet, session } = await placed();
      await fleet.process.setOpenToPlayers(session.gameSessionId, false);
      await fleet.process.setOpenToPlayers(session.gameSessionId, true);
      await expect(fleet.process.setOpenToPlayers("gsess-of-others", true)).rejects.toMatchObject({
        code: "FLEET_REFUSED",
      });
    });

    it("[FL1] activates its game session, and no other", async () => {
      const { fleet } = await placed();
      await expect(fleet.process.activateGameSession("gsess-of-others")).rejects.toMatchObject({
        code: "FLEET_REFUSED",
      });
    });

    it("[FL5] says what comes after a game session, and does it", async () => {
      const { fleet, pass, sessions, session } = await placed();
      const next = await fleet.process.gameSessionEnded(session.gameSessionId);
      await settle();
      expect(sessions).toHaveLength(1);
      await pass();
      expect(sessions).toHaveLength(next === "await_game_session" ? 2 : 1);
    });

    it("[FL5] places nothing after ending", async () => {
      const { fleet, pass, sessions, session } = await placed();
      await fleet.process.gameSessionEnded(session.gameSessionId);
      await fleet.process.ending();
      await pass();
      expect(sessions).toHaveLength(1);
    });

    it("[FL5] closes twice without complaint", async () => {
      const { fleet } = await placed();
      await fleet[Symbol.asyncDispose]();
      await fleet[Symbol.asyncDispose]();
    });
  });
}
