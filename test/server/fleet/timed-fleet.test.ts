import { describe, expect, it } from "vitest";
import { ErrorCode, GameServerError } from "../../../server/errors.ts";
import { timedFleet } from "../../../server/fleet/timed-fleet.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedFleet } from "../../support/scripted-fleet.ts";

const never = new AbortController().signal;

function open() {
  const clock = new FakeClock(1_000);
  const telemetry = new MemoryTelemetry();
  const scripted = new ScriptedFleet(2);
  const fleet = timedFleet(scripted, clock, telemetry);
  const told = () =>
    telemetry
      .of("fleetCallEnded")
      .map(({ action, outcome, durationMs }) => `${action} ${outcome} ${durationMs}`);
  return { clock, scripted, fleet, told };
}

describe("a fleet whose calls are timed", () => {
  it("[TM3] tells of every kind of call how it ended and how long it took", async () => {
    const { clock, scripted, fleet, told } = open();
    const answerIn = async <T>(ms: number, answer: T): Promise<T> => {
      clock.advance(ms);
      return answer;
    };
    scripted.answerAccept = () => answerIn(7, { outcome: "accepted" });
    expect(await fleet.playerSessions.accept("psess-1", never)).toEqual({ outcome: "accepted" });
    scripted.answerAccept = () => answerIn(8, { outcome: "refused" });
    await fleet.playerSessions.accept("psess-1", never);
    scripted.answerAccept = () => answerIn(9, { outcome: "unavailable", cause: "down" });
    await fleet.playerSessions.accept("psess-1", never);
    scripted.answerRemove = () => answerIn(3, { outcome: "removed" });
    await fleet.playerSessions.remove("psess-1", never);
    expect(await fleet.gameSessions.playerSessions("gsess-1", never)).toHaveLength(2);
    await fleet.process.ready(7000, {} as never);
    await fleet.process.activateGameSession("gsess-1");
    await fleet.process.setOpenToPlayers("gsess-1", false);
    await fleet.process.gameSessionEnded("gsess-1");
    await fleet.process.ending();
    expect(told()).toEqual([
      "accept_player_session ok 7",
      "accept_player_session refused 8",
      "accept_player_session failed 9",
      "remove_player_session ok 3",
      "describe_player_sessions ok 0",
      "process_ready ok 0",
      "activate_game_session ok 0",
      "set_open_to_players ok 0",
      "game_session_ended ok 0",
      "process_ending ok 0",
    ]);
  });

  it.each([
    [new GameServerError(ErrorCode.FLEET_REFUSED, "no"), "refused"],
    [new GameServerError(ErrorCode.FLEET_UNREACHABLE, "gone"), "failed"],
    [new Error("other"), "failed"],
  ])("[TM3] passes a call's error on, and tells of it: %s", async (cause, outcome) => {
    const { scripted, fleet, told } = open();
    scripted.answerDescribe = () => Promise.reject(cause);
    await expect(fleet.gameSessions.playerSessions("gsess-1", never)).rejects.toBe(cause);
    expect(told()).toEqual([`describe_player_sessions ${outcome} 0`]);
  });

  it("[TM3] is the same fleet in everything else", async () => {
    const { scripted, fleet } = open();
    expect([fleet.kind, fleet.secondOpinion, fleet.backfills]).toEqual([
      "local",
      undefined,
      undefined,
    ]);
    expect(fleet.gameSessions.descriptionsPerSecond).toBe(
      scripted.gameSessions.descriptionsPerSecond,
    );
    expect("keepsReservations" in fleet.gameSessions).toBe(false);
    Object.assign(scripted.gameSessions, { keepsReservations: true });
    const keeping = timedFleet(scripted, new FakeClock(), new MemoryTelemetry());
    expect(keeping.gameSessions.keepsReservations).toBe(true);
  });

  it("[TM3] tells of backfills and of the second opinion by names of their own", async () => {
    const { clock, scripted } = open();
    const telemetry = new MemoryTelemetry();
    scripted.backfills = { start: async () => "ticket-1", stop: async () => {} };
    const withAll = timedFleet(
      Object.assign(scripted, { secondOpinion: scripted.gameSessions }),
      clock,
      telemetry,
    );
    const backfill = { gameSessionId: "g", matchmakingConfigurationArn: "a" };
    expect(await withAll.backfills?.start({ ...backfill, players: [] }, never)).toBe("ticket-1");
    await withAll.backfills?.stop({ ...backfill, ticketId: "ticket-1" }, never);
    await withAll.secondOpinion?.playerSessions("gsess-1", never);
    expect(telemetry.of("fleetCallEnded").map(({ action }) => action)).toEqual([
      "start_match_backfill",
      "stop_match_backfill",
      "ask_second_opinion",
    ]);
  });
});
