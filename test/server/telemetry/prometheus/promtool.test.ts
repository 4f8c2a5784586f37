import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { eventNames, everyEvent, tell } from "../../../contract/telemetry-contract.ts";
import { BUSY, LOGS, PrometheusWorld } from "./prometheus-world.ts";

const isHere = spawnSync("promtool", ["--version"]).status === 0;
if (!isHere) {
  process.stderr.write("SKIPPED: promtool's check of the metrics; Debian has it in prometheus\n");
}

/** @returns All that promtool has to say. */
function checked(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text });
  return { status, said: `${stdout}${stderr}` };
}

describe.skipIf(!isHere)("promtool", () => {
  it("[ME7] finds no fault with what a process shows before and after everything has happened", async () => {
    using world = new PrometheusWorld();
    expect(checked(await world.telemetry.text())).toEqual({ status: 0, said: "" });
    world.reading = BUSY;
    world.logs = LOGS;
    for (const event of eventNames) tell(world.telemetry, event, everyEvent[event]);
    expect(checked(await world.telemetry.text())).toEqual({ status: 0, said: "" });
  });

  it("[ME7] would find one", () => {
    const faulty = "# TYPE fleetroom_joins counter\nfleetroom_joins 1\n";
    expect(checked(faulty).said).toContain("fleetroom_joins");
  });
});
