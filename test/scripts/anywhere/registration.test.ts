import { describe, expect, it } from "vitest";
import { AnywhereError } from "../../../scripts/anywhere/errors.ts";
import { ComputeRegistration } from "../../../scripts/anywhere/registration.ts";
import { anywhereWorld, SDK_ENDPOINT } from "./anywhere-world.ts";

const COMPUTE = {
  computeName: "annas-laptop",
  location: "custom-laptop",
  ipAddress: "203.0.113.7",
  dnsName: undefined,
};
const NEVER = new AbortController().signal;

function registrationWorld({ mayReplace = false, compute = {} } = {}) {
  const world = anywhereWorld();
  const registration = new ComputeRegistration({
    ...world,
    fleetId: "fleet-1",
    compute: { ...COMPUTE, ...compute },
    mayReplace,
  });
  /** What came of it, once `ms` have passed. */
  const outcomeAfter = async <T>(ms: number, work: Promise<T>) => {
    let outcome: T | AnywhereError | "pending" = "pending";
    const set = (value: T | AnywhereError) => {
      outcome = value;
    };
    work.then(set, set);
    await world.clock.advanceAsync(ms);
    return outcome as T | AnywhereError | "pending";
  };
  return { ...world, registration, outcomeAfter };
}

const code = (outcome: unknown) => (outcome instanceof AnywhereError ? outcome.code : outcome);

describe("registering a compute", () => {
  it("[AN4] looks whether the name is there, registers once, and tells where servers connect", async () => {
    const { registration, api, outcomeAfter, the } = registrationWorld();
    expect(await outcomeAfter(0, registration.open(NEVER))).toBe(SDK_ENDPOINT);
    expect(api.calls).toEqual(["ListCompute", "RegisterCompute"]);
    expect(api.computes.get(COMPUTE.computeName)).toMatchObject(COMPUTE);
    expect(the("computeRegistered")).toEqual([
      {
        event: "computeRegistered",
        computeName: COMPUTE.computeName,
        sdkEndpoint: SDK_ENDPOINT,
      },
    ]);
    expect(await outcomeAfter(0, registration.close(NEVER))).toBeUndefined();
    expect(api.calls.slice(2)).toEqual(["DeregisterCompute"]);
    expect([...api.computes.keys()]).toEqual([]);
    expect(the("computeDeregistered")).toHaveLength(1);
  });

  it("[AN4] refuses an endpoint to which a token would go in the clear, and none at all", async () => {
    for (const sdkEndpoint of [undefined, "", "ws://127.example.com", "https://example.com"]) {
      const { registration, api, outcomeAfter } = registrationWorld();
      api.sdkEndpoint = sdkEndpoint;
      expect(code(await outcomeAfter(0, registration.open(NEVER)))).toBe("ANYWHERE_NOT_REGISTERED");
      await outcomeAfter(0, registration.close(NEVER));
      expect([...api.computes.keys()]).toEqual([]);
    }
    const { registration, api, outcomeAfter } = registrationWorld();
    api.sdkEndpoint = "ws://127.0.0.1:9001";
    expect(await outcomeAfter(0, registration.open(NEVER))).toBe("ws://127.0.0.1:9001");
  });
});

describe("a compute of the same name", () => {
  it("[AN5] at the same address and location is told and kept, and deregistered in the end", async () => {
    const { registration, api, outcomeAfter, the } = registrationWorld();
    api.put(COMPUTE);
    expect(await outcomeAfter(0, registration.open(NEVER))).toBe(SDK_ENDPOINT);
    expect(api.calls).toEqual(["ListCompute"]);
    expect(the("computeFound")).toEqual([
      {
        event: "computeFound",
        status: "Active",
        location: COMPUTE.location,
        ipAddress: COMPUTE.ipAddress,
        dnsName: undefined,
        registeredAt: "2026-01-01T00:00:00.000Z",
        action: "kept",
      },
    ]);
    await outcomeAfter(0, registration.close(NEVER));
    expect([...api.computes.keys()]).toEqual([]);
  });

  it.each([
    [{ ipAddress: "203.0.113.8" }],
    [{ location: "custom-office" }],
    [{ ipAddress: undefined, dnsName: "play.example.com" }],
  ])("[AN5] elsewhere is left alone: %o", async (elsewhere) => {
    const { registration, api, outcomeAfter, the } = registrationWorld();
    api.put({ ...COMPUTE, ...elsewhere });
    const outcome = await outcomeAfter(0, registration.open(NEVER));
    expect(code(outcome)).toBe("ANYWHERE_COMPUTE_TAKEN");
    expect((outcome as Error).message).toContain("FLEETROOM_ANYWHERE_REPLACE=1");
    expect(the("computeFound")[0]?.action).toBe("refused");
    await outcomeAfter(0, registration.close(NEVER));
    expect(api.calls).toEqual(["ListCompute"]);
    expect([...api.computes.keys()]).toEqual([COMPUTE.computeName]);
  });

  it("[AN5] under another DNS name is elsewhere", async () => {
    const compute = { dnsName: "play.example.com" };
    for (const [dnsName, isKept] of [
      ["play.example.com", true],
      [undefined, false],
    ] as const) {
      const { registration, api, outcomeAfter } = registrationWorld({ compute });
      api.put({ ...COMPUTE, dnsName });
      const outcome = await outcomeAfter(0, registration.open(NEVER));
      expect(code(outcome)).toBe(isKept ? SDK_ENDPOINT : "ANYWHERE_COMPUTE_TAKEN");
    }
  });

  it("[AN5] elsewhere is deregistered first when the operator says so", async () => {
    const { registration, api, outcomeAfter, the } = registrationWorld({ mayReplace: true });
    api.put({ ...COMPUTE, ipAddress: "203.0.113.8" });
    expect(await outcomeAfter(0, registration.open(NEVER))).toBe(SDK_ENDPOINT);
    expect(api.calls).toEqual(["ListCompute", "DeregisterCompute", "RegisterCompute"]);
    expect(the("computeFound")[0]?.action).toBe("deregistered");
    expect(api.computes.get(COMPUTE.computeName)?.ipAddress).toBe(COMPUTE.ipAddress);
  });

  it("[AN5] at the same place without an endpoint is registered anew", async () => {
    const { registration, api, outcomeAfter } = registrationWorld();
    api.put({ ...COMPUTE, sdkEndpoint: undefined });
    expect(await outcomeAfter(0, registration.open(NEVER))).toBe(SDK_ENDPOINT);
    expect(api.calls).toEqual(["ListCompute", "DeregisterCompute", "RegisterCompute"]);
  });

  it("[AN6] that is being removed is waited for", async () => {
    const { registration, api, outcomeAfter, clock, the } = registrationWorld();
    api.put({ ...COMPUTE, status: "TERMINATING" });
    const opening = registration.open(NEVER);
    expect(await outcomeAfter(1_999, opening)).toBe("pending");
    api.computes.clear();
    await clock.advanceAsync(1);
    expect(await opening).toBe(SDK_ENDPOINT);
    expect(the("computeFound")[0]?.action).toBe("awaited");
  });

  it("[AN6] that appears in between is looked at again, five times at most", async () => {
    const { registration, api, outcomeAfter, clock } = registrationWorld();
    api.fail("RegisterCompute", ...Array(5).fill("conflict"));
    const opening = registration.open(NEVER);
    // Rests of 2, 4, 8 and 16 s.
    expect(await outcomeAfter(29_999, opening)).toBe("pending");
    expect(api.count("ListCompute")).toBe(4);
    await clock.advanceAsync(1);
    await expect(opening).rejects.toMatchObject({ code: "ANYWHERE_NOT_REGISTERED" });
    expect(api.calls.filter((each) => each !== "ListCompute")).toHaveLength(5);
    await outcomeAfter(0, registration.close(NEVER));
    expect(api.count("DeregisterCompute")).toBe(0);
  });

  it("[AN6] that our own unanswered call made is kept", async () => {
    const { registration, api, outcomeAfter } = registrationWorld();
    api.fail("RegisterCompute", "transient");
    const opening = registration.open(NEVER);
    await outcomeAfter(0, opening);
    api.put(COMPUTE);
    expect(await outcomeAfter(3_000, opening)).toBe(SDK_ENDPOINT);
    expect(api.calls).toEqual(["ListCompute", "RegisterCompute", "RegisterCompute", "ListCompute"]);
  });
});

describe("a call that fails", () => {
  it("[AN7] is tried ten times with rests that double up to a minute, each failure told", async () => {
    const { registration, api, outcomeAfter, clock, the } = registrationWorld();
    api.fail("RegisterCompute", ...Array(5).fill("notReady"), ...Array(5).fill("transient"));
    const opening = registration.open(NEVER);
    const wholeMs = 1_000 * (1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 + 60);
    expect(await outcomeAfter(wholeMs - 1, opening)).toBe("pending");
    expect(api.count("RegisterCompute")).toBe(9);
    await clock.advanceAsync(1);
    await expect(opening).rejects.toMatchObject({ code: "ANYWHERE_NOT_REGISTERED" });
    expect(api.count("RegisterCompute")).toBe(10);
    expect(the("awsCallFailed").map(({ tries, retryInMs }) => [tries, retryInMs])).toEqual(
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((restS, at) => [at + 1, restS * 1_000]),
    );
  });

  it("[AN7] rests half as long at least, whatever chance says", async () => {
    const world = registrationWorld();
    const registration = new ComputeRegistration({
      ...world,
      random: () => 0,
      fleetId: "fleet-1",
      compute: COMPUTE,
      mayReplace: false,
    });
    world.api.fail("ListCompute", "transient");
    const opening = registration.open(NEVER);
    expect(await world.outcomeAfter(499, opening)).toBe("pending");
    await world.clock.advanceAsync(1);
    expect(await opening).toBe(SDK_ENDPOINT);
  });

  it("[AN7] is not tried again when it was refused, and leaves nothing to deregister", async () => {
    for (const operation of ["ListCompute", "RegisterCompute"] as const) {
      const { registration, api, outcomeAfter } = registrationWorld();
      api.fail(operation, "refused");
      const outcome = await outcomeAfter(0, registration.open(NEVER));
      expect(code(outcome)).toBe("ANYWHERE_NOT_REGISTERED");
      expect((outcome as Error).message).toBe(`${operation}: told to be refused`);
      await outcomeAfter(0, registration.close(NEVER));
      expect(api.count("DeregisterCompute")).toBe(0);
    }
  });

  it("[AN7] has 10 s to answer", async () => {
    const { registration, api, outcomeAfter, clock } = registrationWorld();
    api.held.add("ListCompute");
    const opening = registration.open(NEVER);
    await outcomeAfter(9_999, opening);
    expect(api.count("ListCompute")).toBe(1);
    api.held.clear();
    await clock.advanceAsync(1 + 1_000);
    expect(await opening).toBe(SDK_ENDPOINT);
  });

  it("[AN7] ends at once with a signal, in a call and between two", async () => {
    for (const isHeld of [true, false]) {
      const { registration, api, outcomeAfter, clock } = registrationWorld();
      const stop = new AbortController();
      if (isHeld) api.held.add("RegisterCompute");
      else api.fail("RegisterCompute", "transient");
      const opening = registration.open(stop.signal);
      expect(await outcomeAfter(10, opening)).toBe("pending");
      stop.abort();
      await clock.advanceAsync(0);
      await expect(opening).rejects.toBe(stop.signal.reason);
      // What an unanswered call may have registered is not left there.
      await outcomeAfter(0, registration.close(NEVER));
      expect(api.count("DeregisterCompute")).toBe(1);
      expect(clock.pendingTimers).toBe(0);
    }
  });
});

describe("deregistering", () => {
  async function opened() {
    const world = registrationWorld();
    await world.outcomeAfter(0, world.registration.open(NEVER));
    return world;
  }

  it("[AN18] takes it as done when somebody was faster", async () => {
    const { registration, api, outcomeAfter, the } = await opened();
    api.computes.clear();
    expect(await outcomeAfter(0, registration.close(NEVER))).toBeUndefined();
    expect(the("computeDeregistered")).toHaveLength(1);
    await outcomeAfter(0, registration.close(NEVER));
    expect(api.count("DeregisterCompute")).toBe(1);
  });

  it("[AN21] gives up after 20 s, and says so with the command that does it", async () => {
    const { registration, api, outcomeAfter, clock, the } = await opened();
    api.held.add("DeregisterCompute");
    const closing = registration.close(NEVER);
    expect(await outcomeAfter(19_999, closing)).toBe("pending");
    const refused = expect(closing).rejects.toMatchObject({
      code: "ANYWHERE_NOT_DEREGISTERED",
      message: expect.stringContaining(
        "aws gamelift deregister-compute --fleet-id fleet-1 --compute-name annas-laptop",
      ),
    });
    await clock.advanceAsync(1);
    await refused;
    expect(the("computeLeftRegistered")).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[AN19] has 3 s after a second signal, wherever that finds it", async () => {
    for (const isLate of [true, false]) {
      const { registration, api, outcomeAfter, clock } = await opened();
      api.held.add("DeregisterCompute");
      const hurry = new AbortController();
      if (!isLate) hurry.abort();
      const closing = registration.close(hurry.signal);
      await outcomeAfter(0, closing);
      hurry.abort();
      expect(await outcomeAfter(2_999, closing)).toBe("pending");
      const refused = expect(closing).rejects.toThrow("may still be registered");
      await clock.advanceAsync(1);
      await refused;
      expect(clock.pendingTimers).toBe(0);
    }
  });
});
