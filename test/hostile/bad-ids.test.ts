import { describe, it } from "vitest";
import { askWithBadIds } from "./bad-ids.ts";

describe("ids that admit nobody, 500 a second", () => {
  it("[HO3] get the same bytes whatever is wrong with them, soon", async () => {
    await askWithBadIds({ count: 500, perSecond: 500, controlMs: 500 });
  }, 60_000);
});
