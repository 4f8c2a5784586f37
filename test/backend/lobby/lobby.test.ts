import { beforeEach, describe, expect, it } from "vitest";
import { LOBBY_LIMITS } from "../../../backend/lobby/limits.ts";
import { codeOf, LobbyWorld, seated, seatOf } from "./lobby-world.ts";
import { fault } from "./scripted-fleet-api.ts";

let world: LobbyWorld;
let arena: string;
beforeEach(() => {
  world = new LobbyWorld();
  arena = world.fleet.open("arena", 4);
});

/** Joins once; what he is known by from then on. */
async function firstJoin(
  game = "arena",
): Promise<{ playerToken: string; playerSessionId: string }> {
  const asked = world.join(game);
  await world.pass(LOBBY_LIMITS.passIntervalMs);
  const { player, seat } = seated(asked);
  return { playerToken: player.playerToken, playerSessionId: seat.playerSessionId };
}

function becomes(playerSessionId: string, status: string): void {
  const at = world.fleet.playerSessions.findIndex(
    (each) => each.playerSessionId === playerSessionId,
  );
  const found = world.fleet.playerSessions[at];
  if (found !== undefined) world.fleet.playerSessions[at] = { ...found, status };
}

describe("a player who was here before", () => {
  it("[LB10] is given the seat that waits for him", async () => {
    const { playerToken, playerSessionId } = await firstJoin();
    const again = world.join("arena", { playerToken });
    await world.pass(0);
    expect(seatOf(again)).toMatchObject({ playerSessionId, gameSessionId: arena });
    expect(seated(again).player.playerToken).toBe(playerToken);
    expect(world.fleet.count("reserve")).toBe(1);
  });

  it("[LB10] is given a new one when that is about to lapse, is of another game, or is over", async () => {
    const lapsing = await firstJoin();
    await world.pass(LOBBY_LIMITS.reservationReusedMs + 1);
    const afterLapse = world.join("arena", { playerToken: lapsing.playerToken });
    await world.pass(0);
    expect(seatOf(afterLapse).playerSessionId).not.toBe(lapsing.playerSessionId);

    world.fleet.open("duel", 2);
    const otherGame = world.join("duel", { playerToken: lapsing.playerToken });
    await world.pass(LOBBY_LIMITS.passIntervalMs);
    expect(seatOf(otherGame).gameSessionId).not.toBe(arena);

    const left = await firstJoin();
    becomes(left.playerSessionId, "TIMEDOUT");
    const afterEnd = world.join("arena", { playerToken: left.playerToken });
    await world.pass(LOBBY_LIMITS.passIntervalMs);
    expect(seatOf(afterEnd).playerSessionId).not.toBe(left.playerSessionId);
  });

  it("[LB10] is told when he plays already, in whichever game", async () => {
    const { playerToken, playerSessionId } = await firstJoin();
    becomes(playerSessionId, "ACTIVE");
    const again = [world.join("arena", { playerToken })];
    await world.pass(0);
    again.push(world.join("duel", { playerToken }));
    await world.pass(0);
    expect(again.map(codeOf)).toEqual(["already_playing", "already_playing"]);
    expect(world.fleet.count("reserve")).toBe(1);
  });

  it("[LB10] is free once his match is over, though his seat was not given back yet", async () => {
    const { playerToken, playerSessionId } = await firstJoin();
    becomes(playerSessionId, "ACTIVE");
    world.fleet.open("arena", 4, { gameSessionId: arena, phase: "over" });
    const next = world.fleet.open("arena", 4);
    const again = world.join("arena", { playerToken });
    await world.pass(LOBBY_LIMITS.passIntervalMs);
    expect(seatOf(again).gameSessionId).toBe(next);
  });

  it("[LB10] gets one seat when he asks twice at once, and may ask again after that", async () => {
    const { playerToken, playerSessionId } = await firstJoin();
    becomes(playerSessionId, "COMPLETED");
    const asked = [world.join("arena", { playerToken }), world.join("duel", { playerToken })];
    await world.pass(LOBBY_LIMITS.passIntervalMs);
    expect(asked.map(codeOf)).toEqual(["seated", "join_under_way"]);
    const later = world.join("arena", { playerToken });
    await world.pass(0);
    expect(seatOf(later)).toEqual(seatOf(asked[0] as never));
  });

  it("[LB10] is somebody new with a token that was not made here", async () => {
    world.fleet.open("arena", 100);
    const { playerToken } = await firstJoin();
    for (const forged of ["", "x", `${playerToken}x`, playerToken.replace(/.$/, "_"), "a.b"]) {
      const asked = world.join("arena", { playerToken: forged });
      await world.pass(LOBBY_LIMITS.passIntervalMs);
      expect(seated(asked).player.playerToken).not.toBe(playerToken);
    }
    expect(world.fleet.count("playerSessionsOf")).toBe(0);
  });

  it("[LB8] is told when the fleet cannot say where he is", async () => {
    const { playerToken } = await firstJoin();
    world.fleet.faults.push(fault(true));
    const asked = world.join("arena", { playerToken });
    await world.pass(0);
    expect(codeOf(asked)).toBe("fleet_unreachable");
  });
});

describe("a join", () => {
  it("[LB12] of a game that is not there is refused, and asks nobody", async () => {
    for (const game of ["chess", "", "constructor", "__proto__"]) {
      const asked = world.join(game);
      await world.pass(0);
      expect(codeOf(asked)).toBe("unknown_game");
    }
    expect(world.fleet.calls).toEqual([]);
  });

  it("[LB15] is logged with its game, outcome and time, and without what is a secret", async () => {
    const { playerToken, playerSessionId } = await firstJoin();
    world.join("chess");
    await world.pass(0);
    const joins = world.logged.filter(({ event }) => event === "join");
    expect(joins.map(({ fields }) => fields)).toEqual([
      { game: "arena", outcome: "seated", waitedMs: expect.any(Number) },
    ]);
    const text = JSON.stringify(world.logged);
    expect(text).not.toContain(playerSessionId);
    expect(text).not.toContain(playerToken);
  });
});
