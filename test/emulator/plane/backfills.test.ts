import { describe, expect, it } from "vitest";
import { PLANE_LIMITS } from "../../../emulator/plane/limits.ts";
import { granted, PlaneWorld, refusalOf } from "./plane-world.ts";

const ARN = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/duel";

function searching() {
  const world = new PlaneWorld();
  const { process, session } = world.hosting("p");
  const { gameSessionId } = session;
  const request = { gameSessionId, matchmakingConfigurationArn: ARN, players: [] };
  const start = (ticketId = "") => world.plane.backfills.start(process, { ...request, ticketId });
  return { world, process, session, gameSessionId, request, start, ticket: granted(start()) };
}

describe("a backfill ticket", () => {
  it.each([
    ["MATCHMAKING_DATA_UPDATED", "COMPLETED"],
    ["BACKFILL_FAILED", "FAILED"],
    ["BACKFILL_TIMED_OUT", "TIMED_OUT"],
    ["BACKFILL_CANCELLED", "CANCELLED"],
  ] as const)("[EP80] that ends by %s is %s, and its process is told", (reason, status) => {
    const { world, process, session, gameSessionId, ticket } = searching();
    const data = reason === "MATCHMAKING_DATA_UPDATED" ? "{}" : undefined;
    granted(world.plane.backfills.end(gameSessionId, reason, data));
    expect(ticket.status).toBe(status);
    expect(world.link(process).pushes.at(-1)).toEqual({
      kind: "update-game-session",
      gameSession: session,
      reason,
      ticketId: ticket.ticketId,
    });
    expect(session.matchmakerData).toBe(data ?? "");
  });

  it("[EP81] stays open until it ends, takes the place of an earlier one, and goes with its game session", () => {
    const { world, process, gameSessionId, start, ticket } = searching();
    expect(refusalOf(start(ticket.ticketId))).toBe("Conflict");
    const second = granted(start("mine"));
    expect([ticket.status, second.status]).toEqual(["CANCELLED", "SEARCHING"]);
    expect(second.ticketId).toBe("mine");
    world.plane.processes.ending(process);
    expect(second.status).toBe("CANCELLED");
    expect(refusalOf(start())).toBe("NotFound");
    expect(refusalOf(world.plane.backfills.end(gameSessionId, "BACKFILL_FAILED"))).toBe(
      "InvalidGameSessionStatus",
    );
  });

  it("[EP81] stays open however many others come and go", () => {
    const { world, process, request, ticket } = searching();
    const other = world.hosting("q");
    const { gameSessionId } = other.session;
    for (let count = 0; count < PLANE_LIMITS.backfillsKeptMax; count++) {
      granted(
        world.plane.backfills.start(other.process, { ...request, gameSessionId, ticketId: "" }),
      );
    }
    expect(world.plane.backfills.list()).toHaveLength(PLANE_LIMITS.backfillsKeptMax);
    granted(world.plane.backfills.stop(process, { ...request, ticketId: ticket.ticketId }));
    expect(ticket.status).toBe("CANCELLED");
  });

  it("[EP82] is stopped under its own id and configuration alone", () => {
    const { world, process, request, ticket } = searching();
    const stop = (changes: Partial<{ ticketId: string; matchmakingConfigurationArn: string }>) =>
      refusalOf(
        world.plane.backfills.stop(process, { ...request, ticketId: ticket.ticketId, ...changes }),
      );
    expect(stop({ ticketId: "other" })).toBe("NotFound");
    expect(stop({ matchmakingConfigurationArn: `${ARN}s` })).toBe("NotFound");
    expect(stop({})).toBeUndefined();
    expect(ticket.status).toBe("CANCELLED");
    expect(stop({})).toBe("NotFound");
  });
});
