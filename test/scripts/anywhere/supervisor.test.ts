import { describe, expect, it, type TestContext } from "vitest";
import { StopSignals } from "../../../scripts/anywhere/supervisor.ts";
import { AnywhereEndpoint } from "../../support/anywhere-endpoint.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import {
  SECRET_KEY,
  type SupervisorOptions,
  SupervisorProcess,
} from "../../support/supervisor-process.ts";

/** An endpoint of its own and supervisors against it, both gone with the test. */
async function open({ onTestFinished }: TestContext) {
  const endpoint = await AnywhereEndpoint.open();
  const started: SupervisorProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((supervisor) => supervisor.kill()));
    await endpoint[Symbol.asyncDispose]();
  });
  const run = (options: Omit<SupervisorOptions, "endpoint"> = {}): SupervisorProcess => {
    const supervisor = new SupervisorProcess({ endpoint, ...options });
    started.push(supervisor);
    return supervisor;
  };
  return { endpoint, run };
}

const events = (supervisor: SupervisorProcess) => supervisor.lines.map(({ event }) => event);
const envOf = (line: { readonly [field: string]: unknown }) =>
  line["env"] as Record<string, string>;

describe.concurrent("the supervisor, from start to end", () => {
  it("[AN18] registers, runs servers, replaces the one whose match is over, and deregisters last", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({ flags: ["--processes", "2"] });
    const [first, second] = [await supervisor.line("serves"), await supervisor.line("serves", 2)];
    process.kill(first.pid ?? 0, "SIGUSR2");
    const third = await supervisor.line("serves", 3);
    expect(new Set([first, second, third].map(({ pid }) => pid)).size).toBe(3);
    expect(endpoint.computes.size).toBe(1);

    expect(await supervisor.stop()).toBe(0);
    expect(endpoint.operations()).toEqual([
      "ListCompute",
      "RegisterCompute",
      "GetComputeAuthToken",
      "DeregisterCompute",
    ]);
    expect(endpoint.computes.size).toBe(0);
    expect(events(supervisor)[0]).toBe("supervisor_started");
    expect(events(supervisor).slice(-2)).toEqual(["compute_deregistered", "supervisor_stopped"]);
    expect(supervisor.all("process_ended")).toHaveLength(3);
    expect(supervisor.all("asked to end")).toHaveLength(2);
    expect(supervisor.stderr).toBe("");
  });

  it("[AN13] gives each server the five variables, and a process id of its own", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({ flags: ["--processes", "2"] });
    const servers = [await supervisor.line("serves"), await supervisor.line("serves", 2)];
    const ids = supervisor.all("process_started").map(({ processId }) => processId);
    const { computeName } = await supervisor.line("supervisor_started");
    for (const { env } of servers.map((line) => ({ env: envOf(line) }))) {
      expect(env).toMatchObject({
        GAMELIFT_SDK_WEBSOCKET_URL: endpoint.sdkEndpoint,
        GAMELIFT_SDK_AUTH_TOKEN: endpoint.tokens[0],
        GAMELIFT_SDK_FLEET_ID: endpoint.fleetId,
        GAMELIFT_SDK_HOST_ID: computeName,
      });
      expect(ids).toContain(env["GAMELIFT_SDK_PROCESS_ID"]);
    }
    expect(new Set(ids).size).toBe(2);
  });

  it("[AN14] lets no AWS credentials into a server", async (context) => {
    const { run } = await open(context);
    const supervisor = run({
      env: { AWS_SESSION_TOKEN: "verysecretsession", FLEETROOM_ROOM: "duel" },
    });
    const env = envOf(await supervisor.line("serves"));
    expect(env["FLEETROOM_ROOM"]).toBe("duel");
    const names = Object.keys(env);
    expect(names.filter((name) => /AWS|ANYWHERE/i.test(name))).toEqual([]);
    expect(JSON.stringify(env)).not.toContain("verysecret");
  });

  it("[AN13] gives a server that follows the newest token", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.tokenLifetimeMs = 3_000;
    const supervisor = run();
    const first = await supervisor.line("serves");
    await supervisor.line("token_fetched", 2);
    process.kill(first.pid ?? 0, "SIGUSR2");
    const second = envOf(await supervisor.line("serves", 2))["GAMELIFT_SDK_AUTH_TOKEN"] ?? "";
    expect(envOf(first)["GAMELIFT_SDK_AUTH_TOKEN"]).toBe(endpoint.tokens[0]);
    expect(endpoint.tokens.indexOf(second)).toBeGreaterThan(0);
  });

  it("[AN16] says that servers crash, waits longer each time, and ends at once all the same", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({ way: "crashes" });
    await supervisor.line("process_crashed", 2);
    const crashes = supervisor.all("process_crashed");
    expect(crashes.map(({ code, quickCrashes }) => [code, quickCrashes])).toEqual([
      [3, 1],
      [3, 2],
    ]);
    expect(crashes[1]?.["restartInMs"]).toBe(1_000);
    expect(supervisor.stderr).toContain("what went wrong\n");
    expect(await supervisor.stop("SIGINT")).toBe(0);
    expect(endpoint.computes.size).toBe(0);
  });

  it("[AN23] writes neither a token nor a key", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.fail("ListCompute", { status: 500, name: "InternalServiceException" });
    const supervisor = run({ way: "crashes", env: { AWS_SESSION_TOKEN: "verysecretsession" } });
    await supervisor.line("process_crashed");
    await supervisor.stop();
    const said = JSON.stringify(supervisor.lines) + supervisor.stderr;
    expect(said).toContain("aws_call_failed");
    expect(endpoint.tokens.length).toBeGreaterThan(0);
    for (const secret of [...endpoint.tokens, SECRET_KEY, "verysecretsession"]) {
      expect(said).not.toContain(secret);
    }
  });

  it("[AN17] goes on when nobody reads its output any more", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run();
    const first = await supervisor.line("serves");
    supervisor.child.stdout?.destroy();
    supervisor.child.stderr?.destroy();
    process.kill(first.pid ?? 0, "SIGUSR2");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(supervisor.child.exitCode).toBe(null);
    expect(await supervisor.stop()).toBe(0);
    expect(endpoint.computes.size).toBe(0);
  });
});

describe.concurrent("a signal", () => {
  it("[AN18] leaves servers --stop-seconds, then kills them", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({ way: "serves on", flags: ["--stop-seconds", "1"] });
    await supervisor.line("serves");
    expect(await supervisor.stop()).toBe(0);
    expect(supervisor.all("processes_killed")).toHaveLength(1);
    expect(supervisor.all("process_crashed")[0]).toMatchObject({ signal: "SIGKILL" });
    expect(endpoint.computes.size).toBe(0);
  });

  it("[AN19] that is the second hurries: servers are asked again and killed 2 s later", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({ way: "serves on", flags: ["--stop-seconds", "600"] });
    await supervisor.line("serves");
    supervisor.child.kill("SIGTERM");
    await supervisor.line("asked to end");
    await new Promise((resolve) => setTimeout(resolve, 600));
    const startMs = performance.now();
    expect(await supervisor.stop("SIGINT")).toBe(0);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(6_000);
    expect(supervisor.all("asked to end")).toHaveLength(2);
    expect(endpoint.computes.size).toBe(0);
  });

  it("[AN19] that follows within half a second is the same one", () => {
    const clock = new FakeClock(1_000);
    const signals = new StopSignals(clock);
    expect(signals.stop.aborted).toBe(false);
    signals.take();
    clock.advance(499);
    signals.take();
    expect([signals.stop.aborted, signals.hurry.aborted]).toEqual([true, false]);
    clock.advance(1);
    signals.take();
    expect(signals.hurry.aborted).toBe(true);
  });

  it("[AN25] of a terminal, which npm passes on as well, asks each server once", async (context) => {
    const { run } = await open(context);
    const supervisor = run({ isNpm: true, way: "serves on", flags: ["--stop-seconds", "1"] });
    await supervisor.line("serves");
    // Ctrl-C: to all of the foreground group.
    process.kill(-(supervisor.child.pid ?? 0), "SIGINT");
    await supervisor.line("supervisor_stopped");
    expect(supervisor.all("asked to end")).toHaveLength(1);
    expect((await supervisor.exited).code).toBe(0);
  });

  it("[AN18] before anything is registered ends at once with 0", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.fail("ListCompute", "silent");
    const supervisor = run();
    await supervisor.line("supervisor_started");
    await until(() => endpoint.calls.length === 1);
    expect(await supervisor.stop("SIGHUP")).toBe(0);
    expect(endpoint.operations()).toEqual(["ListCompute"]);
  });
});

describe.concurrent("a start that fails", () => {
  it("[AN2] tells all mistakes and exits with 1", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run({
      env: { FLEETROOM_ANYWHERE_LOCATION: "", FLEETROOM_ANYWHERE_PROCESSES: "0" },
    });
    expect((await supervisor.exited).code).toBe(1);
    expect(supervisor.stderr).toMatch(/^ANYWHERE_CONFIG_INVALID: FLEETROOM_ANYWHERE_LOCATION or /);
    expect(supervisor.stderr).toContain("\nFLEETROOM_ANYWHERE_PROCESSES = ");
    expect(endpoint.calls).toEqual([]);
  });

  it("[AN20] for a refused registration starts nothing and says what to do", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.fail("RegisterCompute", { status: 400, name: "UnauthorizedException" });
    const supervisor = run();
    expect((await supervisor.exited).code).toBe(1);
    expect(supervisor.stderr).toMatch(
      /^ANYWHERE_NOT_REGISTERED: RegisterCompute: UnauthorizedException: .*gamelift:RegisterCompute/,
    );
    expect(supervisor.all("process_started")).toEqual([]);
    expect(endpoint.operations()).toEqual(["ListCompute", "RegisterCompute"]);
  });

  it("[AN20] for a refused token deregisters what it registered", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.fail("GetComputeAuthToken", { status: 400, name: "AccessDeniedException" });
    const supervisor = run();
    expect((await supervisor.exited).code).toBe(1);
    expect(supervisor.stderr).toMatch(/^ANYWHERE_NO_TOKEN: GetComputeAuthToken: AccessDenied/);
    expect(endpoint.operations().at(-1)).toBe("DeregisterCompute");
    expect(endpoint.computes.size).toBe(0);
  });

  it("[AN7] for a moment is tried again, a lost answer included", async (context) => {
    const { endpoint, run } = await open(context);
    endpoint.fail("ListCompute", { status: 400, name: "ThrottlingException" });
    endpoint.fail("RegisterCompute", "lost answer");
    const supervisor = run();
    await supervisor.line("serves");
    expect(supervisor.all("aws_call_failed")).toHaveLength(2);
    // What the lost answer had registered was met as a conflict, and found to be ours.
    expect((await supervisor.line("compute_found"))["action"]).toBe("kept");
    expect(await supervisor.stop()).toBe(0);
    expect(endpoint.computes.size).toBe(0);
  });
});

describe.concurrent("an end that fails", () => {
  it("[AN21] to deregister says how to do it, and exits with 1", async (context) => {
    const { endpoint, run } = await open(context);
    const supervisor = run();
    await supervisor.line("serves");
    endpoint.fail("DeregisterCompute", { status: 400, name: "AccessDeniedException" });
    expect(await supervisor.stop()).toBe(1);
    const [name] = endpoint.computes.keys();
    expect(supervisor.stderr).toMatch(/^ANYWHERE_NOT_DEREGISTERED: compute laptop-/);
    expect(supervisor.stderr).toContain(
      `aws gamelift deregister-compute --fleet-id ${endpoint.fleetId} --compute-name ${name}\n`,
    );
    expect(supervisor.all("compute_left_registered")).toHaveLength(1);
  });

  it("[AN20] by a fault of its own still ends the servers, deregisters, and exits with 1", async (context) => {
    const { endpoint, run } = await open(context);
    const fault = `
      if (process.argv[1]?.endsWith("anywhere.ts")) {
        process.once("SIGUSR2", () => setImmediate(() => { throw new Error("a bug"); }));
      }
    `;
    const preload = `data:text/javascript,${encodeURIComponent(fault)}`;
    const supervisor = run({ env: { NODE_OPTIONS: `--import=${preload}` } });
    await supervisor.line("serves");
    expect(await supervisor.stop("SIGUSR2")).toBe(1);
    const [told] = supervisor.all("supervisor_fault");
    expect(told).toMatchObject({ level: "error", "cause.message": "a bug" });
    expect(supervisor.all("asked to end")).toHaveLength(1);
    expect(endpoint.computes.size).toBe(0);
  });

  it("[AN5] by SIGKILL leaves servers that play on, and a compute that the next one finds and keeps", async (context) => {
    const { endpoint, run } = await open(context);
    const env = { FLEETROOM_ANYWHERE_COMPUTE_NAME: `laptop-${crypto.randomUUID()}` };
    const killed = run({ env });
    const { pid = 0 } = await killed.line("serves");
    await killed.stop("SIGKILL");
    expect(endpoint.computes.size).toBe(1);
    process.kill(pid, 0);

    const next = run({ env });
    expect(await next.line("compute_found")).toMatchObject({ level: "warn", action: "kept" });
    await next.line("serves");
    expect(endpoint.operations().filter((each) => each === "RegisterCompute")).toHaveLength(1);
    expect(await next.stop()).toBe(0);
    expect(endpoint.computes.size).toBe(0);
  });
});

describe.concurrent("a second supervisor of the same compute", () => {
  it("[AN22] is refused on the same machine, and the first one's compute stays", async (context) => {
    const { endpoint, run } = await open(context);
    const env = { FLEETROOM_ANYWHERE_COMPUTE_NAME: `laptop-${crypto.randomUUID()}` };
    const first = run({ env });
    await first.line("serves");
    const calls = endpoint.calls.length;
    const second = run({ env });
    expect((await second.exited).code).toBe(1);
    expect(second.stderr).toMatch(/^ANYWHERE_ALREADY_RUNNING: another supervisor on this machine/);
    expect(endpoint.calls).toHaveLength(calls);
    expect(endpoint.computes.size).toBe(1);
  });
});
