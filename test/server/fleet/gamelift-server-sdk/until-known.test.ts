import { describe, expect, it } from "vitest";
import { failureOf, SdkWorld } from "./sdk-world.ts";

describe.each([
  ["AcceptPlayerSession", "acceptPlayerSession", "ACTIVE"],
  ["RemovePlayerSession", "removePlayerSession", "COMPLETED"],
] as const)("%s whose outcome the caller must know", (action, method, done) => {
  const DONE = { PlayerSessions: [{ PlayerSessionId: "psess-1", Status: done }] };

  /** Its answer is lost, and the service has been asked what is so. */
  async function asked(world: SdkWorld) {
    const sdk = await world.hosting();
    const { service } = world;
    const call = sdk[method]("psess-1", { untilKnown: true });
    call.catch(() => {});
    await world.clock.advanceAsync(20_000);
    return { sdk, service, call };
  }

  it("[GL13] is asked for until the service can say, once a second at most, and is sent once", async () => {
    const world = new SdkWorld();
    const { service, call } = await asked(world);
    const questions = () => service.count("DescribePlayerSessions");
    for (const status of [500, 503, 429]) {
      const before = questions();
      await service.refuse("DescribePlayerSessions", status);
      await world.clock.advanceAsync(999);
      expect(questions()).toBe(before);
      await world.clock.advanceAsync(1);
      expect(questions()).toBe(before + 1);
    }
    await service.answer("DescribePlayerSessions", DONE);
    await call;
    expect(service.count(action)).toBe(1);
  });

  it("[GL13] is asked for on the next connection, too", async () => {
    const world = new SdkWorld();
    const { service, call } = await asked(world);
    world.tries.push(...Array(20).fill("no answer"));
    service.end(1006);
    await world.clock.advanceAsync(300_000);
    await world.service.answer("DescribePlayerSessions", DONE);
    await call;
    expect(world.ends.filter((end) => end.count(action) > 0)).toEqual([service]);
    expect(service.count(action)).toBe(1);
  });

  it("[GL13] stays unknown when the service will not say", async () => {
    const { service, call } = await asked(new SdkWorld());
    await service.refuse("DescribePlayerSessions", 403);
    expect(await failureOf(call)).toMatchObject({
      name: "ServiceCallFailed",
      isOutcomeUnknown: true,
    });
  });

  it("[GL13] is asked for no more when the process has ended", async () => {
    const world = new SdkWorld();
    const { sdk, call } = await asked(world);
    sdk.destroy();
    await world.clock.advanceAsync(1_000);
    expect(await failureOf(call)).toMatchObject({
      name: "ServiceCallFailed",
      isOutcomeUnknown: true,
    });
    expect(world.clock.pendingTimers).toBe(0);
  });
});
