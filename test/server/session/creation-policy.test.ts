import { describe, expect, it } from "vitest";
import { CreationPolicy } from "../../../server/session/creation-policy.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { settle } from "../../support/fake-clock.ts";
import { ScriptedFleet } from "../../support/scripted-fleet.ts";
import { HeldAnswers } from "./admission-world.ts";

function open() {
  const fleet = new ScriptedFleet();
  const telemetry = new MemoryTelemetry();
  const answers = new HeldAnswers<void>();
  const said: boolean[] = [];
  const process = {
    ...fleet.process,
    setOpenToPlayers: (_id: string, isOpen: boolean) => {
      said.push(isOpen);
      return answers.ask();
    },
  };
  const policy = new CreationPolicy({ process, gameSessionId: "gsess-1", telemetry });
  return { policy, answers, said, telemetry };
}

describe("what a fleet is told of new players", () => {
  it("[GS42] is nothing before the game session is active, and then what holds by then", async () => {
    const { policy, said } = open();
    policy.setRoomOpen(false);
    policy.close();
    expect([await policy.hold(), said]).toEqual([false, []]);
    policy.begin();
    expect(said).toEqual([false]);
  });

  it("[GS42] is nothing as long as it is open", async () => {
    const { policy, said } = open();
    policy.begin();
    policy.setRoomOpen(true);
    policy.release();
    await settle();
    expect(said).toEqual([]);
  });

  it("[GS42] is one thing at a time, and the newest of what came meanwhile", async () => {
    const { policy, answers, said } = open();
    policy.begin();
    const held = policy.hold();
    policy.release();
    policy.setRoomOpen(false);
    policy.setRoomOpen(true);
    expect(said).toEqual([false]);
    await answers.answer();
    expect(said).toEqual([false, true]);
    policy.setRoomOpen(false);
    await answers.answer();
    await answers.answer();
    expect(said).toEqual([false, true, false]);
    expect(await held).toBe(true);
  });

  it("[GS42] is said again after a call that failed, when there is reason to", async () => {
    const { policy, answers, said, telemetry } = open();
    policy.begin();
    const held = policy.hold();
    await answers.fail(new Error("down"));
    expect([await held, telemetry.of("fleetCallFailed").map(({ action }) => action)]).toEqual([
      ...[false, ["set_open_to_players"]],
    ]);
    const again = policy.hold();
    await answers.answer();
    expect([await again, said]).toEqual([true, [false, false]]);
    policy.release();
    await answers.fail(new Error("down"));
    policy.setRoomOpen(true);
    expect(said).toEqual([false, false, true, true]);
  });

  it("[GS42] is taken back after a call that failed, for it may have been heard", async () => {
    const { policy, answers, said } = open();
    policy.begin();
    void policy.hold();
    await answers.fail(new Error("no answer"));
    policy.release();
    expect(said).toEqual([false, true]);
  });

  it("[GS42] stays closed once it is closed for good", async () => {
    const { policy, answers, said } = open();
    policy.begin();
    policy.close();
    await answers.answer();
    policy.release();
    policy.setRoomOpen(true);
    await settle();
    expect(said).toEqual([false]);
  });
});
