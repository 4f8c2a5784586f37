import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../../../../server/clock.ts";
import { systemClock } from "../../../../server/clock.ts";
import { EmfAgentLine } from "../../../../server/telemetry/emf/agent-line.ts";
import { EmfListener } from "../../../support/collectors/emf-listener.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";
import { EmfWorld } from "./emf-world.ts";

async function listening(port = 0): Promise<EmfListener> {
  // The clock of the fake world stands at the beginning of 2026.
  const listener = await EmfListener.open(() => Date.UTC(2026, 0, 1), port);
  onTestFinished(() => listener.close());
  return listener;
}

function lineTo(port: number, clock: Clock = systemClock): { line: EmfAgentLine; said: string[] } {
  const said: string[] = [];
  const vendorMessage = ({ message }: { message: string }) => said.push(message);
  const line = new EmfAgentLine({ clock, host: "localhost", port, telemetry: { vendorMessage } });
  onTestFinished(() => line.close());
  return { line, said };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("EmfAgentLine", () => {
  it("[MF6] brings each line to the agent, which reads it as it is documented", async () => {
    const listener = await listening();
    const { line, said } = lineTo(listener.port);
    const world = new EmfWorld({ out: line }).placed();
    for (let minute = 1; minute <= 3; minute++) {
      world.ticks([minute, minute]).clock.advance(60_000);
      await listener.waitFor(minute);
    }
    world.ticks([4]).ended();
    await world.telemetry.close();
    await listener.waitFor(4);
    expect(listener.problems).toEqual([]);
    expect(listener.records.map((record) => record["fleetroom_tick_duration_seconds"])).toEqual([
      [0.001, 0.001],
      [0.002, 0.002],
      [0.003, 0.003],
      [0.004],
    ]);
    expect([line.lostLines, said]).toEqual([0, []]);
  });

  it("[MF6] loses the lines of a time without an agent, tells it once, and goes on when it is back", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as { port: number };
    gone.close();
    await once(gone, "close");
    const { line, said } = lineTo(port);
    for (let lost = 1; lost <= 2; lost++) {
      line.write("{}");
      await until(() => line.lostLines === lost);
    }
    expect(said).toEqual([expect.stringContaining("ECONNREFUSED")]);
    const listener = await listening(port);
    line.write('{"now":1}');
    await listener.waitFor(1);
    expect(listener.lines).toEqual(['{"now":1}']);
    expect(line.lostLines).toBe(2);
  });

  it("[MF6] holds one line at most for an agent that does not read, and lets the connection go", async () => {
    const clock = new FakeClock();
    const listener = await listening();
    listener.isStalled = true;
    const { line, said } = lineTo(listener.port, clock);
    // More than the kernel takes for somebody who does not read.
    const large = "x".repeat(20_000_000);
    line.write(large);
    await until(() => listener.connections === 1);
    line.write(large);
    await until(() => line.lostLines === 1 && listener.connections === 2);
    clock.advance(2_000);
    await until(() => line.lostLines === 2);
    expect(clock.pendingTimers).toBe(0);
    expect(said).toEqual([expect.stringContaining("in time")]);
  });

  it("[MF6] holds the end of the process up by half a second at most", async () => {
    const clock = new FakeClock();
    const listener = await listening();
    listener.isStalled = true;
    const { line } = lineTo(listener.port, clock);
    line.write("x".repeat(20_000_000));
    let isClosed = false;
    const closing = line.close().then(() => {
      isClosed = true;
    });
    await clock.advanceAsync(499);
    expect(isClosed).toBe(false);
    await clock.advanceAsync(1);
    await closing;
    await until(() => line.lostLines === 1);
    await settle();
    expect(clock.pendingTimers).toBe(0);
    line.write("{}");
    expect(line.lostLines).toBe(2);
  });
});
