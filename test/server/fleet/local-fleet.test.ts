import { describe, expect, it } from "vitest";
import { LocalFleet } from "../../../server/fleet/local/local-fleet.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { describeFleetContract } from "../../contract/fleet-contract.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { never, openFleet, openPlaced, safe, twoPlayers } from "../../support/local-fleet.ts";

describeFleetContract("LocalFleet", () => {
  const { fleet, clock } = openFleet();
  return { fleet, pass: () => clock.advanceAsync(1_000) };
});

describe("LocalFleet without a file", () => {
  it("[FL6] has psess-local-1 to psess-local-32 for player-1 to player-32", async () => {
    const { describeAll, sessions } = await openPlaced();
    const records = await describeAll();
    expect(records).toHaveLength(32);
    expect(records[0]).toMatchObject({ playerSessionId: "psess-local-1", playerId: "player-1" });
    expect(records[31]).toMatchObject({ playerSessionId: "psess-local-32", playerId: "player-32" });
    expect(sessions[0]!.maximumPlayerSessionCount).toBe(32);
  });

  it("[FL5] places another game session, with an id of its own and all ids reserved again", async () => {
    const { accept, nextRound, sessions, describeAll } = await openPlaced();
    await accept("psess-local-1");
    await nextRound();
    expect(sessions).toHaveLength(2);
    expect(sessions[1]!.gameSessionId).not.toBe(sessions[0]!.gameSessionId);
    expect((await describeAll()).every((each) => each.status === "RESERVED")).toBe(true);
  });

  it("[FL5] passes on that the fleet wants the process gone", async () => {
    const { fleet, seen } = await openPlaced();
    fleet.terminate(5_000);
    expect(seen.terminations).toEqual([5_000]);
  });

  it("[FL10] records its calls without the ids", async () => {
    const { fleet, accept } = await openPlaced();
    await accept("psess-local-1");
    expect(fleet.calls.map((call) => call.action)).toEqual(["ready", "accept_player_session"]);
    expect(fleet.calls[1]!.playerSessionHash).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(fleet.calls)).not.toContain("psess");
    for (let index = 0; index < 1_100; index++) await accept("psess-nobody");
    expect(fleet.calls).toHaveLength(1000);
  });
});

describe("LocalFleet.nextPlayerSession", () => {
  it("[FL7] hands out nothing before a game session is placed", () => {
    expect(openFleet().fleet.nextPlayerSession()).toBeUndefined();
  });

  it("[FL7] hands out each id once before any twice, then the oldest unused one", async () => {
    const { fleet, accept } = await openPlaced({ maxPlayers: 3 });
    const next = () => fleet.nextPlayerSession();
    expect([next(), next(), next()]).toEqual(["psess-local-1", "psess-local-2", "psess-local-3"]);
    await accept("psess-local-1");
    expect([next(), next(), next()]).toEqual(["psess-local-2", "psess-local-3", "psess-local-2"]);
  });

  it("[FL7] passes over ids that were used without being handed out", async () => {
    const { fleet, accept } = await openPlaced({ maxPlayers: 2 });
    await accept("psess-local-1");
    expect(fleet.nextPlayerSession()).toBe("psess-local-2");
  });

  it("[FL7] makes new ids while the game session is not full and not closed", async () => {
    const { fleet, accept, sessions } = await openPlaced({ maxPlayers: 1 });
    await accept("psess-local-1");
    expect(fleet.nextPlayerSession()).toBeUndefined();
    await fleet.playerSessions.remove("psess-local-1", never);
    await fleet.process.setOpenToPlayers(sessions[0]!.gameSessionId, false);
    expect(fleet.nextPlayerSession()).toBeUndefined();
    await fleet.process.setOpenToPlayers(sessions[0]!.gameSessionId, true);
    expect(fleet.nextPlayerSession()).toBe("psess-local-2");
    expect(await accept("psess-local-2")).toEqual({ outcome: "accepted" });
  });

  it("[FL7] makes at most 1024 ids in one game session", async () => {
    const { fleet, accept } = await openPlaced({ maxPlayers: 1 });
    for (let index = 0; index < 1024; index++) {
      const id = fleet.nextPlayerSession()!;
      await accept(id);
      await fleet.playerSessions.remove(id, never);
    }
    expect(fleet.nextPlayerSession()).toBeUndefined();
  });

  it("[FL7] begins anew with the next game session", async () => {
    const { fleet, nextRound } = await openPlaced({ maxPlayers: 2 });
    fleet.nextPlayerSession();
    await nextRound();
    expect(fleet.nextPlayerSession()).toBe("psess-local-1");
  });

  it("[FL7] makes no ids where a file lists them", async () => {
    const { fleet, accept } = await openPlaced({ file: twoPlayers });
    await accept("psess-a");
    await accept("psess-b");
    await fleet.playerSessions.remove("psess-a", never);
    expect(fleet.nextPlayerSession()).toBeUndefined();
  });
});

describe("LocalFleet's reservations", () => {
  it("[FL12] never lapse, and it says so", async () => {
    const { fleet, clock, describeAll } = await openPlaced({ maxPlayers: 3 });
    expect(fleet.gameSessions.keepsReservations).toBe(true);
    clock.advance(86_400_000);
    expect((await describeAll()).map(({ status }) => status)).toEqual(Array(3).fill("RESERVED"));
  });
});

describe("LocalFleet with a file", () => {
  it("[FL8] places what the file says", async () => {
    const { sessions, describeAll } = await openPlaced({ file: twoPlayers });
    expect(sessions[0]).toMatchObject({
      gameSessionId: "gsess-1",
      gameProperties: { map: "small" },
    });
    expect(await describeAll()).toMatchObject([
      { playerSessionId: "psess-a", playerId: "anna", playerData: "blue", status: "RESERVED" },
      { playerSessionId: "psess-b", playerId: "ben", playerData: "", status: "RESERVED" },
    ]);
  });

  it("[FL8] generates player sessions for a file that speaks of faults only", async () => {
    const { describeAll } = await openPlaced({ file: { faults: { acceptMs: 5 } }, maxPlayers: 4 });
    expect(await describeAll()).toHaveLength(4);
  });

  it("[FL8] refuses an id whose status in the file is not RESERVED", async () => {
    const late = [{ playerSessionId: "psess-a", playerId: "anna", status: "TIMEDOUT" }];
    const { accept, nextRound } = await openPlaced({ file: { playerSessions: late } });
    expect(await accept("psess-a")).toEqual({ outcome: "refused" });
    await nextRound();
    expect(await accept("psess-a")).toEqual({ outcome: "refused" });
  });

  it("[FL8] adds player sessions by an edit and tells the server", async () => {
    const { edit, accept, seen } = await openPlaced({ file: twoPlayers });
    const third = { playerSessionId: "psess-c", playerId: "cleo" };
    edit({ ...twoPlayers, playerSessions: [...twoPlayers.playerSessions, third] });
    expect(seen.changes).toBe(1);
    expect(await accept("psess-c")).toEqual({ outcome: "accepted" });
  });

  it("[FL8] changes by an edit the status of whoever is not seated", async () => {
    const { edit, accept, statusOf } = await openPlaced({ file: twoPlayers });
    await accept("psess-a");
    const [anna, ben] = twoPlayers.playerSessions;
    edit({
      playerSessions: [
        { ...anna, status: "TIMEDOUT" },
        { ...ben, status: "TIMEDOUT" },
      ],
    });
    expect(await statusOf("psess-a")).toBe("ACTIVE");
    expect(await statusOf("psess-b")).toBe("TIMEDOUT");
    edit({ playerSessions: [anna, ben] });
    expect(await statusOf("psess-b")).toBe("RESERVED");
  });

  it("[FL8] does not undo by an edit of other things what was played", async () => {
    const { edit, accept, statusOf, fleet } = await openPlaced({ file: twoPlayers });
    await accept("psess-a");
    await fleet.playerSessions.remove("psess-a", never);
    edit({ ...twoPlayers, faults: { down: false } });
    expect(await statusOf("psess-a")).toBe("COMPLETED");
  });

  it("[FL8] keeps the last good file when an edit breaks it, and warns once", async () => {
    const { edit, accept, telemetry, clock } = await openPlaced({ file: twoPlayers });
    edit('{ "playerSessions": [{ "playerSessionId": "psess-secret"');
    clock.advance(5_000);
    const warnings = telemetry.of("localSessionFileRejected");
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain("psess-secret");
    expect(await accept("psess-a")).toEqual({ outcome: "accepted" });
    edit(twoPlayers);
    expect(telemetry.of("localSessionFileRejected")).toHaveLength(1);
  });

  it("[FL8] stops looking at the file when it is closed", async () => {
    const { fleet, clock } = await openPlaced({ file: twoPlayers });
    expect(clock.pendingTimers).toBeGreaterThan(0);
    await fleet[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[FL8] names every problem of a file that is broken at the start, and no id", () => {
    const broken = {
      gameSession: { maximumPlayerSessionCount: 0, gameProperties: { a: 1 }, colour: "red" },
      playerSessions: [
        { playerSessionId: "psess-same", playerId: "a" },
        { playerSessionId: "psess-same", playerId: "" },
        { playerSessionId: "not one!", playerId: "c", status: "GONE" },
        null,
      ],
      faults: { errorRate: 2, down: "yes", acceptMs: -1 },
      extra: null,
    };
    expect(() => openFleet({ file: broken })).toThrowErrorMatchingInlineSnapshot(`
      [GameServerError: The local session file /session.json is not usable:
      - playerSessions[3] is not an object
      - playerSessions[1].playerId is not text of at most 1024 characters like /^[^\\p{Cc}\\p{Zl}\\p{Zp}]+$/u
      - playerSessions[2].playerSessionId is not text of at most 256 characters like /^[A-Za-z0-9-]+$/
      - playerSessions[2].status is not one of RESERVED, ACTIVE, COMPLETED, TIMEDOUT
      - playerSessions[3].playerSessionId is missing
      - playerSessions[3].playerId is missing
      - gameSession.maximumPlayerSessionCount is not a whole number 1 to 1024
      - playerSessions[1].playerSessionId is there twice
      - gameSession.gameProperties.a is not text of at most 96 characters
      - faults.acceptMs is not a whole number 0 to 600000
      - faults.errorRate is not a number 0 to 1
      - faults.down is not true or false
      - extra is no field of this file
      - gameSession.colour is no field of this file]
    `);
  });

  it.each(["", "[]", "null", "5", '{"playerSessions":{}}', " ".repeat(1_048_577)])(
    "[FL8] refuses what is no session file (%#)",
    (file) => {
      expect(() => openFleet({ file })).toThrowError(
        expect.objectContaining({ code: "LOCAL_SESSION_INVALID" }),
      );
    },
  );

  it("[FL8] refuses a file that cannot be read and more than 1024 player sessions", () => {
    const many = Array.from({ length: 1025 }, (_, index) => ({
      playerSessionId: `psess-${index}`,
      playerId: "p",
    }));
    expect(() => openFleet({ file: { playerSessions: many } })).toThrow("at most 1024");
    expect(() =>
      LocalFleet.open({
        clock: new FakeClock(),
        telemetry: new MemoryTelemetry(),
        config: { sessionFile: "/nowhere/at/all.json", maxPlayers: 1, host: "127.0.0.1" },
        environment: safe,
      }),
    ).toThrow("cannot be read");
  });
});
