import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeUpgrade, type Upgrade } from "../../../emulator/server-sdk/judge-upgrade.ts";
import {
  MANDATORY_PARAMETERS,
  readUpgradeUrl,
} from "../../../emulator/server-sdk/rules/upgrade-query.ts";
import { signedParameters } from "../../../server/fleet/gamelift-server-sdk/sigv4.ts";
import { granted } from "../plane/plane-world.ts";
import { type Query, ServiceWorld } from "./service-world.ts";

const KEY = { accessKey: "AKIDEXAMPLE", secretKey: "hush" };

function judge(
  world: ServiceWorld,
  query: Query,
  credentials?: typeof KEY,
  repeated: string[] = [],
) {
  const { plane } = world;
  return judgeUpgrade(query, repeated, { plane, credentials, isKnown: () => false });
}

/** Status and words; nothing when it may go on. */
function refusalOf(...judged: Parameters<typeof judge>): string | undefined {
  const judgement = judge(...judged);
  return "status" in judgement ? `${judgement.status} ${judgement.message}` : undefined;
}

function signed(world: ServiceWorld, region = "us-west-2", key = KEY): Query {
  const { Authorization: _, ...query } = world.query();
  const ids = {
    computeId: "laptop",
    fleetId: world.anywhere.fleetId,
    processId: "process-1",
  };
  return {
    ...query,
    Authorization: "SigV4",
    ...signedParameters(ids, key, region, world.clock.wallMs()),
  };
}

describe("an upgrade's parameters", () => {
  it("[ES1] come in any order, and others beside them count for nothing", () => {
    const world = new ServiceWorld();
    const query = { other: "x", ...world.query() };
    for (const pairs of [Object.entries(query), Object.entries(query).reverse()]) {
      const {
        path,
        query: read,
        repeated,
      } = readUpgradeUrl(`/?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`);
      expect({ path, repeated }).toEqual({ path: "/", repeated: [] });
      expect(judge(world, read)).toMatchObject({
        compute: { computeName: "laptop" },
        process: undefined,
        processId: "process-1",
        sdkVersion: "5.6.0",
        sdkLanguage: "Go",
        idempotencyToken: query["IdempotencyToken" as keyof typeof query],
      });
    }
  });

  it.each(MANDATORY_PARAMETERS)("[ES1] must have %s, and once", (name) => {
    const world = new ServiceWorld();
    expect(refusalOf(world, world.query({ [name]: "" }))).toMatch(`400 ${name} is missing`);
    const repeated = [name];
    expect(refusalOf(world, world.query(), undefined, repeated)).toBe(
      `400 ${name} is there more than once`,
    );
  });

  it.each([
    ["FleetId", "arn:aws:gamelift:us-west-2::fleet/fleet-1"],
    ["FleetId", "f".repeat(257)],
    ["ComputeId", "lap top"],
    ["ComputeId", "a/b/c"],
    ["pID", "process\n1"],
    ["pID", "p".repeat(1_025)],
    ["pID", "\ud800"],
    ["sdkVersion", "five"],
    ["sdkLanguage", "Go\r\n"],
    ["IdempotencyToken", "i".repeat(129)],
    ["Authorization", "t".repeat(8_193)],
  ])("[ES1] are refused with a %s such as %j, in words that do not repeat it", (name, value) => {
    const world = new ServiceWorld();
    const refusal = refusalOf(world, world.query({ [name]: value }));
    expect(refusal).toMatch(`400 ${name} is not valid: `);
    expect(refusal).not.toContain(value);
  });

  it("[ES1] have all that is wrong with them told at once", () => {
    const refusal = refusalOf(new ServiceWorld(), {});
    for (const name of MANDATORY_PARAMETERS) expect(refusal).toContain(`${name} is missing`);
  });

  it.each([
    ["5.2.1", true],
    ["5.3.0", false],
    ["6.0.0", false],
    ["4.9.9", true],
  ])("[ES1] of SDK %s may be without an IdempotencyToken: %s", (sdkVersion, mayBe) => {
    const world = new ServiceWorld();
    const { IdempotencyToken: _, ...query } = world.query({ sdkVersion });
    expect(refusalOf(world, query) === undefined).toBe(mayBe);
  });

  it("[ES1] keep a plus, are decoded, and are taken raw where they cannot be", () => {
    const { query, repeated } = readUpgradeUrl("/?a=1+1&b=%2F%3D&c=100%&a=2&__proto__=x&d");
    expect(query).toEqual({ a: "2", b: "/=", c: "100%", ["__proto__"]: "x", d: "" });
    expect(repeated).toEqual(["a"]);
  });
});

describe("a process that connects", () => {
  it("[ES3] is let in by a token of its compute, as long as that is good", () => {
    const world = new ServiceWorld();
    world.house.registerCompute("desktop");
    const query = world.query();
    expect(refusalOf(world, query)).toBeUndefined();
    const other = world.query({ Authorization: world.tokenOf("desktop") });
    for (const wrong of [{ ...query, Authorization: "no-such-token" }, other]) {
      const refusal = refusalOf(world, wrong);
      expect(refusal).toMatch(/^403 The auth token is not one of compute laptop/);
      expect(refusal).not.toContain(wrong["Authorization"]);
    }
    world.clock.advance(world.plane.durations.tokenMs);
    expect(refusalOf(world, query)).toMatch(/^403 The auth token/);
  });

  it("[ES3] is of a fleet and a compute that are there", () => {
    const world = new ServiceWorld();
    expect(refusalOf(world, world.query({ FleetId: "fleet-0" }))).toBe(
      "403 Fleet fleet-0 is not known here",
    );
    expect(refusalOf(world, world.query({ ComputeId: "desktop" }))).toMatch(
      "403 Compute desktop is not registered",
    );
    const query = world.query();
    granted(world.plane.computes.deregister(world.anywhere.fleetId, "laptop"));
    expect(refusalOf(world, query)).toMatch("403 Compute laptop is not registered");
  });

  it("[ES3] is refused when it is over", () => {
    const world = new ServiceWorld();
    const process = world.house.ready("process-1");
    world.plane.processes.ending(process);
    expect(refusalOf(world, world.query())).toBeUndefined();
    world.clock.advance(world.plane.durations.exitMs);
    expect(process.state).toBe("ENDED");
    expect(refusalOf(world, world.query())).toMatch("403 Process process-1 is over");
    expect(refusalOf(world, world.query({ pID: "process-2" }))).toBeUndefined();
  });

  it("[ES3] was started by the emulator where the compute is an instance of a managed fleet", () => {
    const world = new ServiceWorld();
    const { fleetId } = world.managed;
    const Authorization = world.tokenOf("i-1", fleetId);
    const query = world.query({ FleetId: fleetId, ComputeId: "i-1", Authorization });
    expect(refusalOf(world, query)).toBe(
      "403 Process process-1 was not started by the emulator on i-1",
    );
    const identity = { fleetId, computeName: "i-1", processId: "process-1" };
    granted(world.plane.processes.expect(identity));
    const upgrade = judge(world, query) as Upgrade;
    expect(upgrade.process).toMatchObject({ state: "STARTED", ...identity });
  });
});

describe("a process that signs", () => {
  it("[ES2] is let in by anybody's signature where no credentials are given", () => {
    const world = new ServiceWorld();
    expect(refusalOf(world, signed(world))).toBeUndefined();
    const another = { accessKey: "AKIDOTHER", secretKey: "other" };
    expect(refusalOf(world, signed(world, "eu-west-1", another))).toBeUndefined();
  });

  it("[ES2] is let in by the credentials that are given, for the emulator's Region", () => {
    const world = new ServiceWorld();
    const temporary = { ...KEY, sessionToken: "of a role" };
    expect(refusalOf(world, signed(world), KEY)).toBeUndefined();
    for (const wrong of [
      signed(world, "eu-west-1"),
      signed(world, "us-west-2", { ...KEY, secretKey: "other" }),
      signed(world, "us-west-2", temporary),
    ]) {
      expect(refusalOf(world, wrong, KEY)).toMatch(/^403 The signature is not one of/);
    }
    // A token opens the same door.
    expect(refusalOf(world, world.query(), KEY)).toBeUndefined();
  });

  it("[ES2] needs every part of a signature", () => {
    const world = new ServiceWorld();
    for (const part of ["Algorithm", "Credential", "Date", "Signature"]) {
      const query = { ...signed(world), [`X-Amz-${part}`]: "" };
      expect(refusalOf(world, query)).toMatch(/^400 Authorization is SigV4, and/);
    }
  });
});

describe("any upgrade", () => {
  it("[ES1] is let in or refused with 400 or 403, on one line and without its token", () => {
    const world = new ServiceWorld();
    const good: Query = { ...signed(world), ...world.query() };
    const { Authorization: token = "" } = good;
    const names = [...Object.keys(good), "__proto__", "constructor", ""];
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ maxLength: 3 }),
      fc.constantFrom(...Object.values(good), "SigV4", "%", "\r\n\r\n", "x".repeat(10_000)),
    );
    const change = fc.tuple(fc.constantFrom(...names), value);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.boolean(), (changes, isRaw) => {
        const query = Object.fromEntries([...Object.entries(good), ...changes]);
        const pairs = Object.entries(query).map(([name, text]) =>
          isRaw ? `${name}=${text}` : `${name}=${encodeURIComponent(text.toWellFormed())}`,
        );
        const { query: read, repeated } = readUpgradeUrl(`/?${pairs.join("&")}`);
        const judgement = judgeUpgrade(read, repeated, {
          plane: world.plane,
          credentials: KEY,
          isKnown: () => false,
        });
        if (!("status" in judgement)) {
          expect(judgement.compute.computeName).toBe("laptop");
          return;
        }
        expect([400, 403]).toContain(judgement.status);
        expect(judgement.message).not.toMatch(/[\p{Cc}]/u);
        const { Authorization: _, ...ids } = query as Query;
        // Whoever writes the token where an id belongs has shown it himself.
        if (Object.values(ids).some((text) => text.includes(token))) return;
        expect(judgement.message).not.toContain(token);
      }),
      { numRuns: 1_000 },
    );
  });
});
