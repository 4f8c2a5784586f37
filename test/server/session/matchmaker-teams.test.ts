import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMatchmakerTeams } from "../../../server/session/matchmaker-teams.ts";

/** As FlexMatch attaches it to a game session; attributes and ids are of no interest here. */
function matchmakerData(teams: unknown): string {
  return JSON.stringify({
    matchId: "3ab91f5b-0dc2-4a76-9e5e-1c9a4f3d9f21",
    matchmakingConfigurationArn:
      "arn:aws:gamelift:eu-west-1:123456789012:matchmakingconfiguration/a",
    teams,
    autoBackfillMode: null,
    autoBackfillTicketId: null,
  });
}

const member = (playerId: string) => ({
  playerId,
  attributes: { skill: { attributeType: "DOUBLE", valueAttribute: 23.0 } },
});

const NOTHING = { names: [], of: "" };
const read = (data: string, playerId = "anna") => {
  const { names, teamOf } = readMatchmakerTeams(data);
  return { names, of: teamOf(playerId) };
};

describe("the teams of a matchmaker", () => {
  it("[GS30] have their names in matchmaking order and their players by id", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 10 })
      .filter(({ length }) => length <= 64);
    const teams = fc
      .uniqueArray(name, { maxLength: 12 })
      .chain((names) =>
        fc
          .uniqueArray(fc.string({ unit: "binary" }), { maxLength: 24 })
          .map((ids) => ({ names, ids: names.length === 0 ? [] : ids })),
      );
    fc.assert(
      fc.property(teams, ({ names, ids }) => {
        const data = matchmakerData(
          names.map((team, at) => ({
            name: team,
            players: ids.filter((_, seat) => seat % names.length === at).map(member),
          })),
        );
        const found = readMatchmakerTeams(data);
        expect(found.names).toEqual(names);
        for (const [seat, id] of ids.entries()) {
          expect(found.teamOf(id)).toBe(names[seat % names.length]);
        }
        expect(found.teamOf(`${ids.join()}?`)).toBe("");
      }),
      { numRuns: 50 },
    );
  });

  it("[GS30] have no member who came without matchmaking", () => {
    const data = matchmakerData([{ name: "red", players: [member("anna")] }]);
    expect(read(data)).toEqual({ names: ["red"], of: "red" });
    for (const id of ["", "ben", "__proto__", "constructor", "toString", "ANNA"]) {
      expect(read(data, id).of).toBe("");
    }
  });

  it("[GS30] take players who are called like parts of an object", () => {
    for (const id of ["__proto__", "constructor", "hasOwnProperty", "0"]) {
      expect(read(matchmakerData([{ name: id, players: [member(id)] }]), id)).toEqual({
        names: [id],
        of: id,
      });
    }
  });

  it.each([
    ["no data", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a text", '"teams"'],
    ["a list", "[]"],
    ["no teams", "{}"],
    ["teams that are no list", matchmakerData({ red: [] })],
    ["a list of nothing", matchmakerData([null, 1, "red", [], true])],
    ["teams without a name", matchmakerData([{ players: [member("anna")] }])],
    ["names that are no text", matchmakerData([{ name: 1, players: [member("anna")] }])],
    ["an empty name", matchmakerData([{ name: "", players: [member("anna")] }])],
    ["half a character", matchmakerData([{ name: "red\ud800", players: [member("anna")] }])],
    ["teams by inheritance", '{"__proto__":{"teams":[{"name":"red","players":[]}]}}'],
  ])("[GS31] are none when the data are %s", (_what, data) => {
    expect(read(data)).toEqual(NOTHING);
  });

  it.each([
    ["missing", {}],
    ["no list", { players: { 0: member("anna") } }],
    ["a text", { players: "anna" }],
    ["names alone", { players: ["anna"] }],
    ["without an id", { players: [{}, null, 7, { playerId: 7 }, { playerId: null }] }],
  ])("[GS31] are there though their players are %s", (_what, players) => {
    expect(read(matchmakerData([{ name: "red", ...players }]))).toEqual({ names: ["red"], of: "" });
  });

  it("[GS31] are at most 64, of at most 64 characters, each once", () => {
    const many = Array.from({ length: 80 }, (_, at) => ({
      name: `t${at}`,
      players: [member(`p${at}`)],
    }));
    const found = readMatchmakerTeams(matchmakerData(many));
    expect(found.names).toEqual(many.slice(0, 64).map(({ name }) => name));
    expect([found.teamOf("p63"), found.teamOf("p64")]).toEqual(["t63", ""]);

    const long = "x".repeat(64);
    const teams = [long, `${long}x`, long].map((name) => ({ name, players: [] }));
    expect(read(matchmakerData(teams)).names).toEqual([long]);
    // The journal counts a name's bytes in one byte: all that is let in comes out as it went in.
    const wide = Array.from({ length: 64 }, (_, at) => ({
      name: "漢".repeat(40 + at),
      players: [],
    }));
    const { names } = read(matchmakerData(wide));
    expect(names).toHaveLength(25);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  });

  it("[GS31] are read out of anything without a throw", () => {
    const key = fc.constantFrom("teams", "name", "players", "playerId", "__proto__", "length");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, 1e300, "", "red", "anna", true),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    const data = fc.oneof(
      fc.string({ unit: "binary" }),
      tree.map((value) => JSON.stringify(value)),
      tree.map((value) => matchmakerData(value)),
      // Cut off anywhere.
      fc.tuple(tree, fc.nat(80)).map(([value, at]) => matchmakerData(value).slice(0, 100 + at)),
      fc.nat(200_000).map((depth) => `{"teams":${"[".repeat(depth)}`),
    );
    fc.assert(
      fc.property(data, (text) => {
        const { names, teamOf } = readMatchmakerTeams(text);
        expect(names.every((name) => typeof name === "string" && name !== "")).toBe(true);
        expect(["", ...names]).toContain(teamOf("anna"));
      }),
      { numRuns: 500 },
    );
  });
});
