import { describe, expect, it } from "vitest";
import { GameSessionOrders } from "../../../emulator/plane/game-session-orders.ts";
import { PLANE_LIMITS } from "../../../emulator/plane/limits.ts";
import { LOCATION, PlaneWorld } from "./plane-world.ts";

describe("the creators of game sessions", () => {
  it("[EP91] are remembered in bounded number, those who created last", () => {
    const { anywhere, plane } = new PlaneWorld({
      anywhere: {
        resourceCreationLimitPolicy: { newGameSessionsPerCreator: 1, policyPeriodInMinutes: 60 },
      },
    });
    const orders = new GameSessionOrders(plane);
    const by = (creatorId: string) => ({
      fleetId: anywhere.fleetId,
      location: LOCATION,
      maximumPlayerSessionCount: 1,
      creatorId,
    });
    const isLimited = (creatorId: string) => orders.wrong(anywhere, by(creatorId)) !== undefined;
    for (let count = 0; count < PLANE_LIMITS.creatorsKeptMax; count++) {
      orders.placed(anywhere, "", by(`creator-${count}`));
    }
    orders.placed(anywhere, "", by("creator-0"));
    orders.placed(anywhere, "", by("one more"));
    expect(orders.creatorCount).toBe(PLANE_LIMITS.creatorsKeptMax);
    expect(["creator-0", "creator-1", "creator-2"].map(isLimited)).toEqual([true, false, true]);
  });
});
