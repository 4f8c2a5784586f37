import { describe, expect, it } from "vitest";
import { exactRecords } from "../../../../server/fleet/gamelift-api/exact-records.ts";
import { describing } from "../../../support/aws-json-endpoint.ts";
import { described, GAME_SESSION, readerWith } from "./api-world.ts";

const ids = (records: readonly unknown[]) =>
  exactRecords(records, GAME_SESSION).map((each) => each.playerSessionId);

describe("exactRecords", () => {
  it.each([
    ["no record", null],
    ["text", "psess-x"],
    ["a list", []],
    ["another game session", described("psess-x", { GameSessionId: `${GAME_SESSION}/eu` })],
    [
      "a game session in capitals",
      described("psess-x", { GameSessionId: GAME_SESSION.toUpperCase() }),
    ],
    ["no game session", described("psess-x", { GameSessionId: undefined })],
    ["no id", described("psess-x", { PlayerSessionId: undefined })],
    ["an id of another form", described("session-x")],
    ["an id with a blank", described("psess-x ")],
    ["an id with a line", described("psess-x\n")],
    ["an id of 257 characters", described(`psess-${"x".repeat(251)}`)],
    ["an id that is no text", described("psess-x", { PlayerSessionId: ["psess-x"] })],
    ["no player", described("psess-x", { PlayerId: undefined })],
    ["a player without a name", described("psess-x", { PlayerId: "" })],
    ["a player's name of 1025 characters", described("psess-x", { PlayerId: "x".repeat(1025) })],
    ["a number as player", described("psess-x", { PlayerId: 5 })],
    ["no status", described("psess-x", { Status: undefined })],
    ["a status in small letters", described("psess-x", { Status: "reserved" })],
    ["a status of another spelling", described("psess-x", { Status: "TIMED_OUT" })],
    ["player data of 2049 characters", described("psess-x", { PlayerData: "x".repeat(2049) })],
    ["player data of 2049 emoji", described("psess-x", { PlayerData: "\u{1f3ae}".repeat(2049) })],
    [
      "player data of 2049 characters, some of two units",
      described("psess-x", { PlayerData: `${"\u{1f3ae}".repeat(9)}${"x".repeat(2040)}` }),
    ],
    ["player data that is no text", described("psess-x", { PlayerData: {} })],
  ])("[GA2] leave out %s", (_, record) => {
    expect(ids([described("psess-a"), record, described("psess-b")])).toEqual([
      "psess-a",
      "psess-b",
    ]);
  });

  it("[GA2] take all statuses, and text as long as the API allows", () => {
    const records = [
      described("psess-a", { Status: "RESERVED", PlayerData: null }),
      described("psess-b", { Status: "ACTIVE", PlayerId: "x".repeat(1024) }),
      described("psess-c", { Status: "COMPLETED", PlayerData: "\u{1f3ae}".repeat(2048) }),
      described(`psess-${"x".repeat(250)}`, { Status: "TIMEDOUT" }),
    ];
    expect(ids(records)).toHaveLength(4);
  });

  it("[GA2] hold the later of two descriptions of one player session", () => {
    const records = [described("psess-a"), described("psess-a", { Status: "ACTIVE" })];
    expect(exactRecords(records, GAME_SESSION)).toMatchObject([{ status: "ACTIVE" }]);
  });

  it("[GA2] leave out an id that is two players'", () => {
    const other = described("psess-a", { PlayerId: "somebody else" });
    expect(ids([described("psess-a"), other, described("psess-b")])).toEqual(["psess-b"]);
    expect(ids([described("psess-a"), other, described("psess-a")])).toEqual([]);
  });

  it("[GA2] are all that a reader gives, whatever the API describes", async () => {
    const { describe } = await readerWith((response, request, at) =>
      describing([
        described("psess-a"),
        described("psess-b", { PlayerId: 5 }),
        described("psess-c", { Status: "SOMETHING" }),
      ])(response, request, at),
    );
    expect((await describe()).map((each) => each.playerSessionId)).toEqual(["psess-a"]);
  });
});
