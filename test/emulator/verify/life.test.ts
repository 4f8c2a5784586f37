import { describe, expect, it } from "vitest";
import { runLife } from "../../../emulator/verify/life.ts";
import type { LifeName, Terms } from "../../../emulator/verify/trace.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { DEEDS, type Deed, ScriptedStage, TERMS } from "./scripted-stage.ts";

interface Lived {
  readonly stage: ScriptedStage;
  /** Of fake time. */
  readonly tookMs: number;
}

/** Lives a life to its end, however long the fake clock has to run for it; an hour at most. */
async function live(
  life: LifeName,
  terms: Terms,
  missing?: Deed,
  crashMs?: number,
): Promise<Lived> {
  const clock = new FakeClock();
  const stage = new ScriptedStage(clock, life, terms, missing);
  if (crashMs !== undefined) clock.after(crashMs, () => stage.crash());
  let isOver = false;
  const over = runLife(life, stage).then(() => {
    isOver = true;
  });
  while (!isOver && clock.nowMs() < 3_600_000) await clock.advanceAsync(100);
  expect(isOver, "the life has no end").toBe(true);
  await over;
  return { stage, tookMs: clock.nowMs() };
}

describe("a life", () => {
  it("[EY5] shows a server everything that a game session may bring, in this order", async () => {
    const { stage } = await live("match", TERMS);
    expect(stage.calls).toEqual([
      "start-server",
      "probe 7777",
      "create-game-session",
      "client stays",
      "client twin",
      "client unknown",
      "client expired",
      "client foreign",
      "client leaves",
      "client used",
      ...Array(4).fill("update-game-session"),
      "cut-link",
      "client after-link",
      "hold AcceptPlayerSession 300",
      "client during-refresh",
      "refresh-connection",
      "hold AcceptPlayerSession 0",
      "terminate-process",
      "end",
    ]);
  });

  it("[EY5] without clients has the same steps", async () => {
    const { stage } = await live("match", { ...TERMS, hasClient: false });
    expect(stage.calls).toEqual([
      "start-server",
      "probe 7777",
      "create-game-session",
      ...Array(4).fill("update-game-session"),
      "cut-link",
      "refresh-connection",
      "hold AcceptPlayerSession 0",
      "terminate-process",
      "end",
    ]);
  });

  it("[EY5] of an idle server ends by TerminateProcess, of a dismissed one by 1001", async () => {
    expect((await live("idle", TERMS)).stage.calls).toEqual([
      "start-server",
      "terminate-process",
      "end",
    ]);
    expect((await live("dismissed", TERMS)).stage.calls).toEqual([
      "start-server",
      "close-1001",
      "end",
    ]);
  });

  it("[EY5] waits for no heartbeat after the first unless it is told to", async () => {
    expect((await live("match", { ...TERMS, reportsWanted: 0 })).tookMs).toBeLessThan(20_000);
    const { stage, tookMs } = await live("match", { ...TERMS, reportsWanted: 2 });
    expect(tookMs).toBeGreaterThan(120_000);
    expect(stage.reading.requests("HeartbeatServerProcess").length).toBe(3);
  });

  it.each(DEEDS)("[EY6] ends within its bounds when the server does not %s", async (missing) => {
    const { stage, tookMs } = await live("match", TERMS, missing);
    expect(stage.calls.at(-1)).toBe("end");
    expect(tookMs).toBeLessThan(420_000);
    // Who is not there, or takes no game session, is shown nothing that needs it.
    const isEarly = missing === "connect" || missing === "be ready" || missing === "report";
    expect(stage.calls.includes("create-game-session")).toBe(!isEarly);
    expect(stage.calls.includes("cut-link")).toBe(!isEarly && missing !== "activate");
    expect(stage.calls.includes("terminate-process")).toBe(!isEarly);
  });

  it("[EY6] ends at once when the server does, whenever that is", async () => {
    const { tookMs: wholeMs } = await live("match", { ...TERMS, reportsWanted: 0 });
    // Much happens in the first moments.
    for (let crashMs = 5; crashMs < wholeMs; crashMs += crashMs < 100 ? 10 : 250) {
      const { stage, tookMs } = await live("match", TERMS, undefined, crashMs);
      expect(stage.calls.at(-1)).toBe("end");
      expect(tookMs).toBeLessThan(crashMs + 1_000);
    }
  });
});
