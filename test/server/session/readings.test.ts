import { describe, expect, it } from "vitest";
import { LifeWorld } from "./life-world.ts";

const ARN = "arn:aws:gamelift:eu-west-1::gamesession/fleet-1/placement-7";
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("the life of a game session, told", () => {
  it("[TM6] begins with the ids that others know it by", async () => {
    const world = new LifeWorld();
    await world.place({
      gameSessionId: ARN,
      name: "a match",
      gameProperties: { traceparent: TRACE },
      matchmakerData: JSON.stringify({ matchId: "match-1", autoBackfillTicketId: "ticket-1" }),
    });
    expect(world.telemetry.of("gameSessionPlaced")).toEqual([
      {
        gameSessionId: ARN,
        gameSessionName: "a match",
        placementId: "placement-7",
        matchId: "match-1",
        ticketId: "ticket-1",
        traceParent: TRACE,
      },
    ]);
    const [first] = world.telemetry.events.filter(({ event }) => event.startsWith("gameSession"));
    expect(first?.event).toBe("gameSessionPlaced");
  });

  it("[TM6] says nothing of a matchmaker or a trace where there is none", async () => {
    const world = new LifeWorld();
    await world.place({ gameProperties: { traceparent: "psess-1" }, matchmakerData: "not JSON" });
    expect(world.telemetry.of("gameSessionPlaced")[0]).toMatchObject({
      placementId: "gsess-1",
      matchId: "",
      ticketId: "",
      traceParent: "",
    });
  });

  it("[TM6] can be read at any moment", async () => {
    const world = new LifeWorld();
    expect(world.life.reading()).toEqual({
      phase: "idle",
      gameSession: undefined,
      match: undefined,
      isHealthy: true,
      health: { ticks: "none", eventLoop: "ok", match: "none" },
    });
    await world.place();
    await world.join(1);
    const { gameSessionId } = world.telemetry.of("gameSessionPlaced")[0] ?? {};
    expect(world.life.reading()).toMatchObject({
      phase: "active",
      gameSession: { gameSessionId, state: "active", seatsHeld: 1, seatsMax: 8 },
    });
  });
});
