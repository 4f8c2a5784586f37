import { describe, it } from "vitest";
import { askWithBadIds } from "./bad-ids.ts";

describe("10,000 ids that admit nobody, 500 a second", () => {
  it("[HO3] get the same bytes whatever is wrong with them, soon", async () => {
    await askWithBadIds({ count: 10_000, perSecond: 500, controlMs: 20_000 });
  });
});
