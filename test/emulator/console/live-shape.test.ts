import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type * as Console from "../../../emulator/console/page/live-shape.ts";
import type * as Server from "../../../server/telemetry/live/live-snapshot.ts";
import type { JoinOutcome } from "../../../server/telemetry/telemetry.ts";

/** True for one and the same type alone; whoever lets two go apart sees this file no longer compile. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const agreements: readonly [
  Same<Console.LiveSnapshot, Server.LiveSnapshot>,
  Same<Console.LiveSeconds, Server.LiveSeconds>,
  Same<Console.TickVerdict, Server.TickVerdict>,
  Same<Console.JoinOutcome, JoinOutcome>,
] = [true, true, true, true];

const ROOT = new URL("../../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), "utf8");

it("[EC11] is of the same shape on both sides, which the compiler checks", () => {
  expect(agreements).not.toContain(false);
});

it.each(["live-stream.js", "live-words.js", "sparkline.js"])(
  "[EC11] is read, worded and drawn as on the server's own page: %s",
  (name) => {
    expect(read(`emulator/console/page/${name}`)).toBe(read(`server/admin/page/${name}`));
  },
);
