import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../../server/clock.ts";
import { CrashReporterTelemetry } from "../../../../server/telemetry/statsd/crash-reporter.ts";
import { describeTelemetryContract, everyEvent } from "../../../contract/telemetry-contract.ts";
import { CrashReporterStandIn } from "../../../support/collectors/crash-reporter.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { ARN } from "./statsd-world.ts";

interface World {
  readonly reporter: CrashReporterStandIn;
  readonly telemetry: CrashReporterTelemetry;
  readonly said: string[];
}

async function opened(options: { clock?: FakeClock; pid?: number; port?: number } = {}) {
  const reporter = await CrashReporterStandIn.open();
  onTestFinished(() => reporter.close());
  const said: string[] = [];
  const telemetry = new CrashReporterTelemetry({
    clock: options.clock ?? systemClock,
    telemetry: { vendorMessage: ({ level, message }) => said.push(`${level} ${message}`) },
    host: "localhost",
    port: options.port ?? reporter.port,
    processPid: options.pid ?? process.pid,
  });
  return { reporter, telemetry, said } satisfies World;
}

function placed(telemetry: CrashReporterTelemetry, gameSessionId = ARN): void {
  telemetry.gameSessionPlaced({ ...everyEvent.gameSessionPlaced, gameSessionId });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

// Nobody listens on the discard port; every request fails at once.
describeTelemetryContract(
  "CrashReporterTelemetry",
  () =>
    new CrashReporterTelemetry({
      clock: systemClock,
      telemetry: { vendorMessage() {} },
      host: "127.0.0.1",
      port: 9,
      processPid: 1,
    }),
);

describe("CrashReporterTelemetry", () => {
  it("[SX9] registers, names the game session as it is written, and says goodbye", async () => {
    const { reporter, telemetry, said } = await opened();
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry);
    await until(() => reporter.watched[0]?.gameSessionId === ARN);
    telemetry.serverStopped({ exitCode: 0 });
    await telemetry.close();
    expect(reporter.requests).toEqual([
      `GET /register?process_pid=${process.pid}`,
      `GET /update?process_pid=${process.pid}&session_id=${ARN}`,
      `GET /deregister?process_pid=${process.pid}`,
    ]);
    expect(reporter.hasLeft(process.pid)).toBe(true);
    reporter.look();
    expect([reporter.problems, reporter.crashes, said]).toEqual([[], [], []]);
  });

  it("[SX9] asks one at a time, in order, and does not begin twice", async () => {
    const { reporter, telemetry } = await opened();
    telemetry.serverListening(everyEvent.serverListening);
    telemetry.serverListening(everyEvent.serverListening);
    for (const id of ["a", "b", "c"]) placed(telemetry, id);
    await until(() => reporter.requests.length === 4);
    expect(reporter.requests.map((line) => line.split("=").at(-1))).toEqual([
      String(process.pid),
      "a",
      "b",
      "c",
    ]);
    expect(reporter.problems).toEqual([]);
  });

  it("[SX9] encodes what would break the query", async () => {
    const { reporter, telemetry } = await opened();
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry, "a&b=c #d\r\né\ud800");
    await until(() => reporter.requests.length === 2);
    expect(reporter.requests[1]).toMatch(/session_id=a%26b%3Dc%20%23d%0D%0A%C3%A9%EF%BF%BD$/);
    expect(reporter.problems).toEqual([]);
  });

  it("[SX9] says nothing of a game session where nothing was registered, and of none without an id", async () => {
    const { reporter, telemetry } = await opened();
    placed(telemetry);
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry, "");
    placed(telemetry, "x".repeat(2_000));
    telemetry.serverStopped({ exitCode: 0 });
    await telemetry.close();
    expect(reporter.requests.map((line) => line.split("?")[0])).toEqual([
      "GET /register",
      "GET /deregister",
    ]);
  });

  it("[SX10] does not say goodbye when the process ends with a fault, so that it counts as crashed", async () => {
    const child = spawn("sleep", ["60"]);
    const { reporter, telemetry } = await opened({ pid: child.pid ?? 0 });
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry);
    await until(() => reporter.watched[0]?.gameSessionId === ARN);
    reporter.look();
    expect(reporter.crashes).toEqual([]);
    telemetry.serverStopped({ exitCode: 1 });
    await telemetry.close();
    child.kill("SIGKILL");
    await once(child, "exit");
    reporter.look();
    expect(reporter.crashes).toEqual([{ pid: child.pid, gameSessionId: ARN }]);
    expect(reporter.requests.filter((line) => line.includes("deregister"))).toEqual([]);
  });

  it("[SX10] says goodbye before whatever still waits", async () => {
    const { reporter, telemetry } = await opened();
    telemetry.serverListening(everyEvent.serverListening);
    for (const id of ["a", "b", "c"]) placed(telemetry, id);
    telemetry.serverStopped({ exitCode: 0 });
    placed(telemetry, "late");
    await telemetry.close();
    expect(reporter.requests.map((line) => line.split("?")[0])).toEqual([
      "GET /register",
      "GET /deregister",
    ]);
  });

  it("[SX10] holds the end of the process up by half a second at most", async () => {
    const clock = new FakeClock();
    const { reporter, telemetry } = await opened({ clock });
    reporter.isSilent = true;
    telemetry.serverListening(everyEvent.serverListening);
    telemetry.serverStopped({ exitCode: 0 });
    let isClosed = false;
    const closing = telemetry.close().then(() => {
      isClosed = true;
    });
    await clock.advanceAsync(499);
    expect(isClosed).toBe(false);
    await clock.advanceAsync(1);
    await closing;
    await clock.advanceAsync(10_000);
  });

  it("[SX10] closes at once when nothing is being asked", async () => {
    const clock = new FakeClock();
    const { telemetry } = await opened({ clock });
    await telemetry.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[SX11] gives a call two seconds and goes on with the next; only the first failure is told", async () => {
    const clock = new FakeClock();
    const { reporter, telemetry, said } = await opened({ clock });
    reporter.isSilent = true;
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry);
    await until(() => reporter.requests.length === 1);
    clock.advance(1_999);
    expect(said).toEqual([]);
    clock.advance(1);
    await until(() => reporter.requests.length === 2);
    clock.advance(2_000);
    await telemetry.close();
    expect(said).toEqual([expect.stringMatching(/^warn crash reporter: register .* 2000 ms/)]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([404, 500, 302])(
    "[SX11] tells once of an answer %d, and not of whom it was about",
    async (status) => {
      const { reporter, telemetry, said } = await opened();
      telemetry.serverListening(everyEvent.serverListening);
      await until(() => reporter.requests.length === 1);
      reporter.status = status;
      placed(telemetry);
      placed(telemetry, "another");
      await until(() => reporter.requests.length === 3);
      await telemetry.close();
      expect(said).toEqual([expect.stringContaining(`update at localhost`)]);
      expect(said[0]).toContain(`it answered with ${status}`);
      expect(said[0]).not.toContain("arn:");
    },
  );

  it("[SX11] outlives a crash reporter that is not there", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as { port: number };
    gone.close();
    await once(gone, "close");
    const { telemetry, said } = await opened({ port });
    telemetry.serverListening(everyEvent.serverListening);
    placed(telemetry);
    await until(() => said.length > 0);
    telemetry.serverStopped({ exitCode: 0 });
    await telemetry.close();
    expect(said).toEqual([expect.stringContaining("ECONNREFUSED")]);
  });

  it("[SX11] holds a bounded number of calls", async () => {
    const { reporter, telemetry, said } = await opened();
    reporter.isSilent = true;
    telemetry.serverListening(everyEvent.serverListening);
    await until(() => reporter.requests.length === 1);
    for (let n = 0; n < 9; n++) placed(telemetry, `session-${n}`);
    expect(said).toEqual([expect.stringContaining("too many calls wait")]);
  });
});
