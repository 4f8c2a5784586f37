import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchedPlayers, parseMatchmakerData } from "../../../server/session/matchmaker-data.ts";

const ARN = "arn:aws:gamelift:eu-west-1:123456789012:matchmakingconfiguration/a";

/** As FlexMatch attaches it to a game session. */
function matchmakerData(teams: unknown, over: Record<string, unknown> = {}): string {
  return JSON.stringify({
    matchId: "3ab91f5b-0dc2-4a76-9e5e-1c9a4f3d9f21",
    matchmakingConfigurationArn: ARN,
    teams,
    autoBackfillMode: null,
    autoBackfillTicketId: null,
    ...over,
  });
}

const member = (playerId: string) => ({
  playerId,
  attributes: { skill: { attributeType: "DOUBLE", valueAttribute: 23.0 } },
});

/** Team names in order, and the team of one player. */
const NOTHING = { names: [], of: "" };
const teamsIn = (text: string) => {
  const data = parseMatchmakerData(text);
  const players = data === undefined ? undefined : matchedPlayers(data);
  return {
    names: data?.teams.map(({ name }) => name) ?? [],
    teamOf: (playerId: string) => players?.get(playerId)?.team ?? "",
  };
};
const read = (text: string, playerId = "anna") => {
  const { names, teamOf } = teamsIn(text);
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
          .uniqueArray(fc.string({ unit: "binary", minLength: 1 }), { maxLength: 24 })
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
        const found = teamsIn(data);
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
    const found = teamsIn(matchmakerData(many));
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
    const key = fc.constantFrom(
      ...["teams", "name", "players", "playerId", "__proto__", "length"],
      ...["attributes", "attributeType", "valueAttribute", "autoBackfillMode", "matchId"],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, 1e300, "", "red", "anna", true, "STRING_LIST", "DOUBLE"),
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
        const { names, teamOf } = teamsIn(text);
        expect(names.every((name) => typeof name === "string" && name !== "")).toBe(true);
        expect(["", ...names]).toContain(teamOf("anna"));
      }),
      { numRuns: 500 },
    );
  });
});

/** One player, `anna`, with these attributes; as they are read. */
function attributesOf(attributes: unknown) {
  const data = matchmakerData([{ name: "red", players: [{ playerId: "anna", attributes }] }]);
  return parseMatchmakerData(data)?.teams[0]?.players[0]?.attributes;
}

describe("matchmaker data", () => {
  it("[BF1] tell the match, its configuration, its backfill and all players with their attributes", () => {
    const attributes = {
      mode: { attributeType: "STRING", valueAttribute: "duel" },
      skill: { attributeType: "DOUBLE", valueAttribute: 0 },
      roles: { attributeType: "STRING_LIST", valueAttribute: ["human", "king"] },
      maps: { attributeType: "STRING_DOUBLE_MAP", valueAttribute: { dust: 1.5, moon: -2 } },
    };
    const text = matchmakerData(
      [
        { name: "red", players: [{ playerId: "anna", attributes }] },
        { name: "blue", players: [{ playerId: "ben", attributes: {} }] },
      ],
      { autoBackfillMode: "AUTOMATIC", autoBackfillTicketId: "ticket-1" },
    );
    expect(parseMatchmakerData(text)).toEqual({
      matchId: "3ab91f5b-0dc2-4a76-9e5e-1c9a4f3d9f21",
      matchmakingConfigurationArn: ARN,
      autoBackfillMode: "AUTOMATIC",
      autoBackfillTicketId: "ticket-1",
      teams: [
        {
          name: "red",
          players: [
            {
              playerId: "anna",
              attributes: {
                mode: { type: "string", value: "duel" },
                skill: { type: "number", value: 0 },
                roles: { type: "string_list", value: ["human", "king"] },
                maps: { type: "string_number_map", value: { dust: 1.5, moon: -2 } },
              },
            },
          ],
        },
        { name: "blue", players: [{ playerId: "ben", attributes: {} }] },
      ],
    });
  });

  it("[BF1] have empty parts where something is missing, and are nothing without an object", () => {
    const empty = {
      matchId: "",
      matchmakingConfigurationArn: "",
      autoBackfillMode: undefined,
      autoBackfillTicketId: "",
      teams: [],
    };
    expect(parseMatchmakerData("{}")).toEqual(empty);
    for (const text of ["", "{", "null", "5", '"teams"', "[]", "[{}]"]) {
      expect(parseMatchmakerData(text)).toBeUndefined();
    }
  });

  it.each([
    ["MANUAL", "MANUAL"],
    ["maNuAl", "MANUAL"],
    ["AUTOMATIC", "AUTOMATIC"],
    ["MANUMATIC", undefined],
    ["", undefined],
    [null, undefined],
    [1, undefined],
  ])("[BF1] have the backfill mode %j as %j", (autoBackfillMode, mode) => {
    const data = parseMatchmakerData(matchmakerData([], { autoBackfillMode }));
    expect(data?.autoBackfillMode).toBe(mode);
  });

  it.each<[string, unknown]>([
    ["of a type there is not", { attributeType: "DATE", valueAttribute: "2026" }],
    ["without a type", { valueAttribute: 1 }],
    ["without a value", { attributeType: "DOUBLE" }],
    ["that are null", null],
    ["that are plain", 23],
    ["that are a list", ["DOUBLE", 23]],
    ["with a text for a number", { attributeType: "DOUBLE", valueAttribute: "23" }],
    ["with a number for a text", { attributeType: "STRING", valueAttribute: 23 }],
    ["with a text for a list", { attributeType: "STRING_LIST", valueAttribute: "king" }],
    ["with a list for a map", { attributeType: "STRING_DOUBLE_MAP", valueAttribute: [1] }],
    ["of a boundless text", { attributeType: "STRING", valueAttribute: "x".repeat(1_025) }],
  ])("[BF2] pass attributes over %s, and keep the others", (_what, odd) => {
    const skill = { attributeType: "DOUBLE", valueAttribute: 23 };
    expect(attributesOf({ odd, skill })).toEqual({ skill: { type: "number", value: 23 } });
  });

  it("[BF2] take no number that JSON cannot hold", () => {
    const text = matchmakerData([{ name: "red", players: [member("anna")] }]);
    const player = parseMatchmakerData(text.replace('Attribute":23', 'Attribute":1e999'))?.teams[0]
      ?.players[0];
    expect(player).toEqual({ playerId: "anna", attributes: {} });
  });

  it("[BF2] have ten attributes at most, lists of 100 and maps of ten, each text of 1,024", () => {
    const number = { attributeType: "DOUBLE", valueAttribute: 1 };
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, number]));
    expect(Object.keys(attributesOf(many(12)) ?? {})).toEqual(Object.keys(many(10)));
    const long = "x".repeat(1_025);
    const list = [1, long, ...Array.from({ length: 120 }, (_, at) => `i${at}`)];
    const map = { [long]: 1, none: "1", ...Object.fromEntries(list.slice(2).map((k) => [k, 2])) };
    const found = attributesOf({
      [long]: number,
      list: { attributeType: "STRING_LIST", valueAttribute: list },
      map: { attributeType: "STRING_DOUBLE_MAP", valueAttribute: map },
    });
    expect(found?.["list"]?.value).toEqual(list.slice(2, 102));
    expect(Object.keys(found?.["map"]?.value ?? {})).toEqual(list.slice(2, 12));
    expect(Object.keys(found ?? {})).toEqual(["list", "map"]);
  });

  it("[BF2] have 1,024 players at most, each in the first team that names him", () => {
    const players = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ playerId: `p${from + at}` }));
    const data = parseMatchmakerData(
      matchmakerData([
        { name: "red", players: [...players(0, 600), ...players(0, 3)] },
        { name: "blue", players: players(599, 600) },
        { name: "green", players: [{ playerId: "p1" }] },
      ]),
    );
    expect(data?.teams.map(({ name, players: { length } }) => [name, length])).toEqual([
      ["red", 600],
      ["blue", 424],
      ["green", 0],
    ]);
    expect(data?.teams[1]?.players[0]?.playerId).toBe("p600");
    expect(parseMatchmakerData(matchmakerData([]).padEnd(390_001))).toBeUndefined();
    expect(parseMatchmakerData(matchmakerData([]).padEnd(390_000))).toBeDefined();
  });

  it("[BF2] take names that reach into prototypes for names like others", () => {
    const text = `{ "__proto__": { "matchId": "no" }, "teams": [ { "name": "red", "players": [ {
      "playerId": "__proto__", "attributes": {
        "__proto__": { "attributeType": "STRING", "valueAttribute": "yes" },
        "constructor": { "__proto__": { "attributeType": "STRING", "valueAttribute": "no" } },
        "map": { "attributeType": "STRING_DOUBLE_MAP", "valueAttribute": { "__proto__": 1 } }
      } } ] } ] }`;
    const data = parseMatchmakerData(text);
    expect(data?.matchId).toBe("");
    const attributes = data?.teams[0]?.players[0]?.attributes ?? {};
    expect(Object.entries(attributes)).toMatchObject([
      ["__proto__", { type: "string", value: "yes" }],
      ["map", { type: "string_number_map" }],
    ]);
    expect(attributes["constructor"]).toBeUndefined();
    expect(Object.entries(attributes["map"]?.value ?? {})).toEqual([["__proto__", 1]]);
    expect(({} as Record<string, unknown>)["attributeType"]).toBeUndefined();
  });

  it("[BF2] that name others keep what was known of who is named no more, of 2,048 players", () => {
    const of = (team: string, ...ids: string[]) => {
      const data = parseMatchmakerData(
        matchmakerData([{ name: team, players: ids.map((playerId) => ({ playerId })) }]),
      );
      if (data === undefined) throw new Error("not read");
      return data;
    };
    const first = matchedPlayers(of("red", "anna", "ben"));
    const second = matchedPlayers(of("blue", "ben", "cleo"), first);
    expect([...second.values()].map(({ playerId, team }) => [playerId, team])).toEqual([
      ["anna", "red"],
      ["ben", "blue"],
      ["cleo", "blue"],
    ]);
    expect(first.get("ben")?.team).toBe("red");
    const many = (from: number) =>
      of("red", ...Array.from({ length: 1_000 }, (_, at) => `p${from + at}`));
    const all = matchedPlayers(many(1_000), matchedPlayers(many(0), second));
    const last = matchedPlayers(many(2_000), matchedPlayers(of("gold", "anna"), all));
    expect([all.size, last.size, last.has("ben"), last.has("p2999")]).toEqual([
      ...[2_003, 2_048, false, true],
    ]);
    // Who is named again is no longer among the oldest.
    expect(last.get("anna")?.team).toBe("gold");
  });
});
