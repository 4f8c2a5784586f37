import { describe, expect, it } from "vitest";
import { RollWorld } from "./roll-world.ts";

describe("a roll that breaks off", () => {
  it("[SP9] to a fleet that is there, at each of its calls, is finished by the next run", async () => {
    await using world = await RollWorld.open();
    let breaks = 0;
    for (let at = 1; ; at++) {
      const toFleetId = await world.fleet({ name: `fleet ${at}` });
      if (!(await world.rollTwice({ toFleetId }, { at, isHeard: true }))) break;
      breaks++;
    }
    expect(breaks).toBeGreaterThan(20);
  });

  it("[SP9] at each of its calls is finished by the next run with one new fleet", async () => {
    await using world = await RollWorld.open();
    let breaks = 0;
    // To be cut off before a call is to be cut off after the one before it.
    for (let at = 1; ; at++) {
      const present = world.here.plane.fleets.find(world.present)?.buildId;
      const next = world.builds.find((each) => each !== present) ?? "";
      if (!(await world.rollTwice({ buildId: next }, { at, isHeard: true }))) break;
      breaks++;
    }
    process.stdout.write(`${breaks} rolls broken off and finished\n`);
    expect(breaks).toBeGreaterThan(25);
  });
});
