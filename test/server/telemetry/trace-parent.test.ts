import { describe, expect, it } from "vitest";
import { traceParentOf } from "../../../server/telemetry/trace-parent.ts";

const GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("traceParentOf", () => {
  it("[TM4] takes W3C's traceparent as it is", () => {
    expect(traceParentOf(GOOD)).toBe(GOOD);
  });

  it.each([
    undefined,
    5,
    "",
    GOOD.toUpperCase(),
    ` ${GOOD}`,
    `${GOOD}\n`,
    `${GOOD}-more`,
    GOOD.replace(/^00/, "ff"),
    GOOD.replace(/[0-9a-f]{32}/, "0".repeat(32)),
    GOOD.replace("b7ad6b7169203331", "0".repeat(16)),
    [GOOD],
    "psess-1",
  ])("[TM4] takes nothing else: %j", (given) => {
    expect(traceParentOf(given)).toBe("");
  });
});
