import { describe, expect, it } from "vitest";
import { ApiWorld, type Output } from "./api-world.ts";

const OperatingSystem = "AMAZON_LINUX_2023";

describe("builds over the API", () => {
  it("[EA57] makes a build with what was given, and says where its zip goes", () => {
    const world = new ApiWorld();
    const { Build, StorageLocation, UploadCredentials } = world.ok("CreateBuild", {
      Name: "game",
      Version: "1.2.3",
      OperatingSystem,
      ServerSdkVersion: "5.5.0",
    });
    expect(Build).toEqual({
      BuildId: expect.stringMatching(/^build-/),
      BuildArn: `arn:aws:gamelift:us-west-2:123456789012:build/${Build.BuildId}`,
      Name: "game",
      Version: "1.2.3",
      Status: "INITIALIZED",
      SizeOnDisk: 0,
      OperatingSystem,
      ServerSdkVersion: "5.5.0",
      CreationTime: Date.UTC(2026, 0, 1) / 1_000,
    });
    expect(StorageLocation).toEqual({ Bucket: "uploads", Key: `${Build.BuildId}.zip` });
    expect(Object.keys(UploadCredentials)).toEqual([
      "AccessKeyId",
      "SecretAccessKey",
      "SessionToken",
    ]);
    const asked = world.ok("RequestUploadCredentials", { BuildId: Build.BuildArn });
    expect(asked.StorageLocation).toEqual(StorageLocation);
    expect(world.ok("CreateBuild", { OperatingSystem }).Build.ServerSdkVersion).toBe("4.0.2");
  });

  it("[EA57] refuses a build without an operating system, or in a bucket of one's own", () => {
    const world = new ApiWorld();
    expect(world.error("CreateBuild").message).toContain("AMAZON_LINUX_2023");
    const StorageLocation = { Bucket: "mine", Key: "game.zip", RoleArn: "arn:role" };
    const input = { OperatingSystem, StorageLocation };
    expect(world.error("CreateBuild", input).message).toContain("StorageLocation");
  });

  it("[EA57] lists builds by status in pages, renames and deletes them", () => {
    const world = new ApiWorld();
    const ids = ["a", "b", "c"].map(
      (Name) => world.ok("CreateBuild", { Name, OperatingSystem }).Build.BuildId as string,
    );
    const [first = "", second = "", third = ""] = ids;
    world.plane.builds.received(first, 1_000);
    world.plane.builds.failed(second, "it is no zip");
    const listed = (input: object) =>
      world.ok("ListBuilds", input).Builds.map(({ BuildId }: Output) => BuildId);
    expect(listed({})).toEqual(ids);
    expect(listed({ Status: "READY" })).toEqual([first]);
    expect(listed({ Status: "FAILED" })).toEqual([second]);
    expect(listed({ Status: "INITIALIZED" })).toEqual([third]);
    const page = world.ok("ListBuilds", { Limit: 2 });
    expect(listed({ Limit: 2, NextToken: page.NextToken })).toEqual([third]);
    const { Build } = world.ok("UpdateBuild", { BuildId: first, Version: "2" });
    expect(Build).toMatchObject({ Name: "a", Version: "2", Status: "READY", SizeOnDisk: 1_000 });
    expect(world.ok("DeleteBuild", { BuildId: first })).toEqual({});
    for (const operation of ["DescribeBuild", "UpdateBuild", "DeleteBuild"]) {
      expect(world.refusal(operation, { BuildId: first })).toBe("NotFound");
    }
  });
});
