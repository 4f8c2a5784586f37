import { describe, expect, it } from "vitest";
import { arena } from "../../../rooms/arena/simulation.ts";
import { duel } from "../../../rooms/duel/simulation.ts";
import { ErrorCode } from "../../../server/errors.ts";
import { GameChoice, type HostedGame } from "../../../server/host/game-choice.ts";

const arenaGame: HostedGame = { kind: "simulation", simulation: arena };
const duelGame: HostedGame = { kind: "simulation", simulation: duel };
const games = new GameChoice(
  new Map([
    ["arena", arenaGame],
    ["duel", duelGame],
  ]),
  "arena",
);
const session = (gameProperties: Record<string, string>) => ({ gameProperties });

describe("the game of a game session", () => {
  it("[RM23] is the one that its property names", () => {
    expect(games.nameFor(session({ room: "duel", map: "x" }))).toBe("duel");
    expect(games.gameFor(session({ room: "duel" }))).toBe(duelGame);
  });

  it("[RM23] is the usual one when its property names none", () => {
    for (const properties of [{}, { room: "" }, { Room: "duel" }]) {
      expect(games.nameFor(session(properties as Record<string, string>))).toBe("arena");
      expect(games.gameFor(session(properties as Record<string, string>))).toBe(arenaGame);
    }
  });

  it.each(["chess", "constructor", "__proto__", "duel "])(
    "[RM23] is none when there is no %o, and the names there are are told",
    (room) => {
      const name = games.nameFor(session({ room }));
      expect(name).toBe(room);
      expect(() => games.gameFor(session({ room }))).toThrow(
        expect.objectContaining({
          code: ErrorCode.ROOM_UNKNOWN,
          message: expect.stringMatching(/property "room" names ".*"; there is arena, duel$/),
        }),
      );
    },
  );
});
