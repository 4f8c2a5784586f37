import { type Client, Room } from "@colyseus/core";
import { afterEach, describe, expect, it } from "vitest";
import { SIMULATIONS } from "../../../rooms/index.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { closeWorlds, hosted, openWorld } from "./match-world.ts";

afterEach(() => closeWorlds());

/** Matchmaker data by team and the numbers of its players, each with his number as his skill. */
function matched(teams: Record<string, readonly number[]>): string {
  return JSON.stringify({
    matchId: "match-1",
    teams: Object.entries(teams).map(([name, numbers]) => ({
      name,
      players: numbers.map((number) => ({
        playerId: `player-${number}`,
        attributes: { skill: { attributeType: "DOUBLE", valueAttribute: number } },
      })),
    })),
  });
}

const skill = (value: number) => ({ skill: { type: "number", value } });

async function openRoom(matchmakerData: string) {
  const created: { matchmaker?: unknown }[] = [];
  const seen: unknown[] = [];
  class WatchingRoom extends Room {
    override onCreate(options: object) {
      created.push(options);
    }
    override onJoin(client: Client) {
      const { playerId, team, attributes } = client.auth;
      seen.push([playerId, team, attributes]);
    }
  }
  return { ...(await openWorld(hosted(WatchingRoom), { matchmakerData })), created, seen };
}

describe("what a hosted room knows of matched players", () => {
  it("[BF3] is the typed data in onCreate, and of each player the team and the attributes", async () => {
    const { created, seen, join } = await openRoom(matched({ red: [1] }));
    expect(created[0]?.matchmaker).toMatchObject({
      matchId: "match-1",
      teams: [{ name: "red", players: [{ playerId: "player-1", attributes: skill(1) }] }],
    });
    await join(1);
    await join(2);
    expect(seen).toEqual([
      ["player-1", "red", skill(1)],
      ["player-2", "", {}],
    ]);
  });

  it("[BF3] is nothing without a matchmaker", async () => {
    const { created } = await openRoom("");
    expect(created[0]).toHaveProperty("matchmaker", undefined);
  });

  it("[BF4] is newer for who joins after new data, and stays for who is not named there", async () => {
    const { match, seen, join } = await openRoom(matched({ red: [1], blue: [2] }));
    await join(1);
    match.matchmakerDataChanged(matched({ blue: [3], gold: [2] }));
    for (const broken of ["", "{", "[]"]) match.matchmakerDataChanged(broken);
    for (const number of [1, 2, 3]) await join(number);
    expect(seen.slice(1)).toEqual([
      ["player-1", "red", skill(1)],
      ["player-2", "gold", skill(2)],
      ["player-3", "blue", skill(3)],
    ]);
  });
});

describe("what a Simulation knows of matched players", () => {
  it("[BF4] are teams of its setup alone, whatever newer data say", async () => {
    const { duel } = SIMULATIONS;
    const joins: string[] = [];
    const simulation: Simulation = {
      ...(duel as Simulation),
      create: (setup) => {
        joins.push(`of ${setup.teams.join()}`);
        return duel?.create(setup);
      },
      join: (_state, seat, team) => joins.push(`${seat} "${team}"`),
    };
    const matchmakerData = matched({ red: [1], blue: [] });
    const world = await openWorld({ kind: "simulation", simulation }, { matchmakerData });
    world.match.matchmakerDataChanged(matched({ gold: [2] }));
    await world.join(1);
    await world.join(2);
    expect(joins).toEqual(["of red,blue", '0 "red"', '1 ""']);
  });

  it("[BF4] are the teams that newer data give to newcomers", async () => {
    const { duel } = SIMULATIONS;
    const joins: string[] = [];
    const simulation: Simulation = {
      ...(duel as Simulation),
      join: (_state, seat, team) => joins.push(`${seat} "${team}"`),
    };
    const matchmakerData = matched({ red: [1], blue: [7] });
    const world = await openWorld({ kind: "simulation", simulation }, { matchmakerData });
    world.match.matchmakerDataChanged(matched({ red: [1], blue: [2] }));
    await world.join(2);
    expect(joins).toEqual(['0 "blue"']);
  });
});
