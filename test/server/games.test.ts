import { expect, it } from "vitest";
import { openGames } from "../../server/games.ts";
import { openGames as openGamesOfTheBuild } from "../../server/games-of-the-build.ts";

it.each([
  ["source", openGames],
  ["a build", openGamesOfTheBuild],
] as const)("[DE5] hosts its own rooms, from %s, unless told of others", async (_from, open) => {
  const games = await open({ rooms: "", room: "arena" });
  expect(games.gameFor({ gameProperties: {} })).toMatchObject({ kind: "simulation" });
  expect(games.gameFor({ gameProperties: { room: "chat" } })).toMatchObject({ kind: "room" });
  await expect(open({ rooms: "", room: "chess" })).rejects.toMatchObject({
    code: "ROOM_UNKNOWN",
    message: expect.stringMatching(/no room "chess" .*there is arena, duel, chat/),
  });
});

it("[DE5] refuses to load rooms into a build, and says what to do", async () => {
  await expect(
    openGamesOfTheBuild({ rooms: "/home/me/rooms.ts", room: "tag" }),
  ).rejects.toMatchObject({
    code: "ROOMS_MODULE_INVALID",
    message: expect.stringContaining('build with "npm run build -- --rooms /home/me/rooms.ts"'),
  });
});

it("[PK7] hosts the first of the rooms where nobody names one", async () => {
  const games = await openGames({ rooms: "", room: "" });
  expect(games.nameFor({ gameProperties: {} })).toBe("arena");
  const project = await openGames({ rooms: "examples/legacy-colyseus/rooms.ts", room: "" });
  expect(project.nameFor({ gameProperties: {} })).toBe("tag");
});
