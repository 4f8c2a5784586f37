import { describe, expect, it } from "vitest";
import { CallQuotas } from "../../../emulator/api/call-quotas.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ApiWorld, request } from "./api-world.ts";

/** How many of so many calls at once are taken. */
function taken(quotas: CallQuotas, operation: string, calls: number): number {
  return Array.from({ length: calls }, () => quotas.exceeded(operation)).filter(
    (exceeded) => exceeded === undefined,
  ).length;
}

describe("the request quotas of an account", () => {
  it.each([
    ["CreateGameSession", 50, 50],
    ["DescribeGameSessions", 20, 20],
    ["SearchGameSessions", 30, 30],
    ["TerminateGameSession", 20, 20],
    ["GetGameSessionLogUrl", 1, 4],
    ["CreatePlayerSession", 200, 200],
    ["DescribePlayerSessions", 200, 200],
    ["StartGameSessionPlacement", 75, 75],
    ["RegisterCompute", 20, 20],
    ["GetComputeAuthToken", 5, 10],
    ["ListFleets", 500, 500],
  ])("[EA45] let %s have %i calls at once and %i in each second", (operation, burst, perSecond) => {
    const clock = new FakeClock();
    const quotas = new CallQuotas(clock);
    expect(taken(quotas, operation, 1_000)).toBe(burst);
    let inTenSeconds = 0;
    for (let step = 0; step < 10_000; step += 50) {
      clock.advance(50);
      inTenSeconds += taken(quotas, operation, 100);
    }
    expect(inTenSeconds).toBeGreaterThanOrEqual(perSecond * 10 - 1);
    expect(inTenSeconds).toBeLessThanOrEqual(perSecond * 10);
    clock.advance(60_000);
    expect(taken(quotas, operation, 1_000)).toBe(burst);
  });

  it("[EA45] share 500 calls per second between all operations", () => {
    const quotas = new CallQuotas(new FakeClock());
    const operations = ["CreatePlayerSession", "CreatePlayerSessions", "DescribePlayerSessions"];
    expect(operations.map((operation) => taken(quotas, operation, 300))).toEqual([200, 200, 100]);
    expect(quotas.exceeded("ListFleets")).toMatch(/an account has 500 calls per second/);
  });

  it("[EA46] are told as ThrottlingException, and hold for the wire alone", () => {
    const world = new ApiWorld();
    const many = (calls: number) =>
      Array.from({ length: calls }, () => world.api.handle(request("DescribeGameSessions")));
    const answers = many(25);
    const throttled = answers.slice(20);
    for (const { status, headers, body } of throttled) {
      expect([status, headers?.["x-amzn-errortype"]]).toEqual([400, "ThrottlingException"]);
      expect(JSON.parse(String(body)).Message).toMatch(/^Rate exceeded: DescribeGameSessions/);
    }
    expect(answers.slice(0, 20).map(({ headers }) => headers?.["x-amzn-errortype"])).toEqual(
      Array.from({ length: 20 }, () => "InvalidRequestException"),
    );
    expect(world.refusal("DescribeGameSessions")).toBe("InvalidRequest");
  });

  it("[EA46] can be switched off", () => {
    const world = new ApiWorld({ hasQuotas: false });
    const types = Array.from({ length: 600 }, () => world.api.handle(request("ListFleets")).status);
    expect(new Set(types)).toEqual(new Set([200]));
  });
});
