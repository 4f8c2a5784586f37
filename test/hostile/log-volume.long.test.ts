import { describe, it } from "vitest";
import { countLogBytes } from "./log-volume.ts";

describe("the log of a server that 10,000 strangers knock at", () => {
  it("[HO7] stays small and holds no id", async () => {
    await countLogBytes({ connections: 10_000 });
  });
});
