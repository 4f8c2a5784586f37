import { describe, expect, it } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { never, openFleet, openPlaced, twoPlayers } from "../../support/local-fleet.ts";

describe("LocalFleet's faults", () => {
  const withFaults = (faults: object) => openPlaced({ file: { ...twoPlayers, faults } });

  it("[FL9] delays an accept, and lets an abort end it without effect", async () => {
    const { fleet, clock, accept, statusOf } = await withFaults({ acceptMs: 3_000 });
    const given = new AbortController();
    const aborted = fleet.playerSessions.accept("psess-b", given.signal);
    const slow = accept("psess-a");
    given.abort();
    expect((await aborted).outcome).toBe("unavailable");
    await clock.advanceAsync(2_999);
    expect(await statusOf("psess-a")).toBe("RESERVED");
    await clock.advanceAsync(1);
    expect(await slow).toEqual({ outcome: "accepted" });
    expect(await statusOf("psess-b")).toBe("RESERVED");
  });

  it("[FL9] says a late yes even to a caller that gave up", async () => {
    const { fleet, clock, statusOf } = await withFaults({ lateYesMs: 5_000 });
    const given = new AbortController();
    let answer: unknown;
    const asked = fleet.playerSessions.accept("psess-a", given.signal).then((each) => {
      answer = each;
    });
    await settle();
    given.abort();
    await clock.advanceAsync(4_999);
    expect(answer).toBeUndefined();
    expect(await statusOf("psess-a")).toBe("ACTIVE");
    await clock.advanceAsync(1);
    await asked;
    expect(answer).toEqual({ outcome: "accepted" });
  });

  it("[FL9] delays a description", async () => {
    const { describeAll, clock } = await withFaults({ describeMs: 100 });
    const asked = describeAll();
    await clock.advanceAsync(100);
    expect(await asked).toHaveLength(2);
  });

  it("[FL9] fails every call while it is down, and recovers by an edit", async () => {
    const { accept, describeAll, fleet, sessions, edit } = await withFaults({ down: true });
    expect((await accept("psess-a")).outcome).toBe("unavailable");
    const unreachable = { code: "FLEET_UNREACHABLE" };
    await expect(describeAll()).rejects.toMatchObject(unreachable);
    expect(await fleet.playerSessions.remove("psess-a", never)).toMatchObject({
      outcome: "unavailable",
      cause: unreachable,
    });
    const { gameSessionId } = sessions[0]!;
    await expect(fleet.process.setOpenToPlayers(gameSessionId, false)).rejects.toMatchObject(
      unreachable,
    );
    edit(twoPlayers);
    expect(await accept("psess-a")).toEqual({ outcome: "accepted" });
  });

  it("[FL9] fails about the given fraction of calls, the same ones in every run", async () => {
    const outcomes = async () => {
      const { accept } = await withFaults({ errorRate: 0.25 });
      const answers = [];
      for (let index = 0; index < 400; index++) answers.push((await accept("psess-x")).outcome);
      return answers;
    };
    const first = await outcomes();
    const failed = first.filter((outcome) => outcome === "unavailable").length;
    expect(failed).toBeGreaterThan(70);
    expect(failed).toBeLessThan(130);
    expect(await outcomes()).toEqual(first);
  });

  it("[FL9] lets a waiting call end when the fleet is closed", async () => {
    const { fleet, accept } = await withFaults({ lateYesMs: 600_000 });
    const asked = accept("psess-a");
    await settle();
    await fleet[Symbol.asyncDispose]();
    expect(await asked).toEqual({ outcome: "accepted" });
  });
});

describe("LocalFleet.open", () => {
  it.each(["0.0.0.0", "192.168.1.4", "::", "127.evil.example"])(
    "[FL11] refuses the address %s unless that is allowed",
    (host) => {
      expect(() => openFleet({ host })).toThrowError(
        expect.objectContaining({ code: "FLEET_LOCAL_UNSAFE" }),
      );
      expect(() => openFleet({ host })).toThrow("FLEETROOM_ALLOW_INSECURE=1");
      openFleet({ host, allowInsecure: true });
    },
  );

  it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("[FL11] takes the address %s", (host) => {
    openFleet({ host });
  });

  it.each([{ isProduction: true }, { hasGameLiftVariables: true }])(
    "[FL11] refuses %j, allowed or not",
    (facts) => {
      expect(() => openFleet({ ...facts, allowInsecure: true })).toThrowError(
        expect.objectContaining({ code: "FLEET_LOCAL_UNSAFE" }),
      );
    },
  );
});
