import { describe, expect, it } from "vitest";
import { PLANE_LIMITS } from "../../../emulator/plane/limits.ts";
import { granted, PlaneWorld } from "./plane-world.ts";

const DEFINITION = {
  name: "game",
  version: "1",
  operatingSystem: "AMAZON_LINUX_2023",
  serverSdkVersion: "5.5.0",
};

describe("builds", () => {
  it("[EP67] are READY or FAILED once and stay that", () => {
    const { builds } = new PlaneWorld().plane;
    const [good, bad] = [granted(builds.create(DEFINITION)), granted(builds.create(DEFINITION))];
    expect(good).toMatchObject({ status: "INITIALIZED", sizeBytes: 0 });
    builds.received(good.buildId, 10);
    builds.failed(bad.buildId, "it is no zip");
    for (const { buildId } of [good, bad]) {
      builds.failed(buildId, "later");
      builds.received(buildId, 20);
    }
    expect([good.status, good.sizeBytes, bad.status, bad.sizeBytes]).toEqual([
      "READY",
      10,
      "FAILED",
      0,
    ]);
    builds.received("build-none", 1);
  });

  it("[EP91] are bounded in number", () => {
    const { builds } = new PlaneWorld().plane;
    for (let count = 0; count < PLANE_LIMITS.buildsMax; count++) builds.create(DEFINITION);
    expect(builds.create(DEFINITION)).toHaveProperty("refusal", "Conflict");
    const [first] = builds.list();
    granted(builds.delete(first?.buildArn ?? ""));
    granted(builds.create(DEFINITION));
    expect(builds.list()).toHaveLength(PLANE_LIMITS.buildsMax);
  });
});
