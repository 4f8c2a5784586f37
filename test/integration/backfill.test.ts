import { afterEach, expect, it } from "vitest";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import { joinAs } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const ARN = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/duels";
const skill = { attributeType: "DOUBLE", valueAttribute: 0 };

/** Matchmaker data of manual backfill, every player with a skill of 0. */
function matchmakerData(teams: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify({
    matchId: "match-1",
    matchmakingConfigurationArn: ARN,
    autoBackfillMode: "MANUAL",
    autoBackfillTicketId: null,
    teams: Object.entries(teams).map(([name, players]) => ({
      name,
      players: players.map((playerId) => ({ playerId, attributes: { skill } })),
    })),
  });
}

/** As StartMatchBackfill has a player on the wire. */
const onWire = (PlayerId: string, Team: string) => ({
  PlayerId,
  Team,
  PlayerAttributes: { skill: { AttrType: "DOUBLE", N: 0 } },
});

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

it("[BF21] replaces a player who left by one whom the matchmaker found, on a service with its documented limits", async () => {
  const service = await GameLiftService.open({ limits: "documented" });
  opened.push(service);
  const server = await ServerProcess.start({
    ...service.environment(),
    FLEETROOM_FLEET: "gamelift",
    // A fleet must be told a port that its clients may use; the first free one of these.
    FLEETROOM_PORT: "47000-47049",
    FLEETROOM_DRAIN_MS: "1500",
  });
  opened.push({ [Symbol.asyncDispose]: () => server.kill() });
  await service.waitFor("HeartbeatServerProcess");
  const arn = service.placeGameSession({
    maximumPlayerSessionCount: 3,
    matchmakerData: matchmakerData({ red: ["anna", "ben"], blue: ["cleo"] }),
  });
  await service.until(() => service.gameSession(arn).status === "ACTIVE");
  const join = (playerId: string) => joinAs(server, service.createPlayerSession(arn, playerId));
  const [anna, ben] = [await join("anna"), await join("ben"), await join("cleo")];

  await anna.room.leave();
  const { message } = await service.waitFor("StartMatchBackfill");
  expect(message).toMatchObject({ GameSessionArn: arn, MatchmakingConfigurationArn: ARN });
  expect(message["Players"]).toMatchObject([onWire("ben", "red"), onWire("cleo", "blue")]);

  const [ticket] = service.backfills;
  service.updateGameSession(arn, {
    reason: "MATCHMAKING_DATA_UPDATED",
    ticketId: ticket?.ticketId ?? "",
    matchmakerData: matchmakerData({ red: ["dora", "ben"], blue: ["cleo"] }),
  });
  await server.line("backfill_ended");
  const dora = await join("dora");
  const teams = () =>
    [...(dora.room.state.ships?.values() ?? [])].map(({ team }: { team: string }) => team);
  await until(() => teams().length === 3);
  expect(teams().sort()).toEqual(["blue", "red", "red"]);

  await ben.room.leave();
  await service.until(() => service.count("StartMatchBackfill") === 2);
  expect(service.backfills[1]?.players).toMatchObject([
    onWire("cleo", "blue"),
    onWire("dora", "red"),
  ]);
  await server.line("backfill_started", 2);
  const { code } = await server.stop();
  expect(code).toBe(0);
  expect(service.backfills.map(({ status }) => status)).toEqual(["COMPLETED", "CANCELLED"]);
  const ended = server.lines.filter(({ event }) => event === "backfill_ended");
  expect(ended.map(({ outcome }) => outcome)).toEqual(["matched", "stopped"]);
  const order = service.requests.map(({ action }) => action);
  expect(order.indexOf("StopMatchBackfill")).toBeLessThan(order.indexOf("TerminateServerProcess"));
  expect(service.requests.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
  expect(service.violations).toEqual([]);
});
