import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { RunningProcess } from "../../../scripts/anywhere/process-pool.ts";
import { launchServer, serverEnvironment } from "../../../scripts/anywhere/server-process.ts";
import { readConfig } from "../../../server/config.ts";
import { until } from "../../support/in-process-server.ts";

const FIXTURE = fileURLToPath(new URL("./server-fixture.ts", import.meta.url));
const CONNECTION = {
  webSocketUrl: "wss://eu-central-1.api.amazongamelift.com",
  authToken: "token-1",
  fleetId: "fleet-1",
  hostId: "laptop",
  processId: "9f0e7a52-7d5c-4f0e-8d6b-6f6f1b1f0a11",
};
const FIVE = {
  GAMELIFT_SDK_WEBSOCKET_URL: CONNECTION.webSocketUrl,
  GAMELIFT_SDK_AUTH_TOKEN: CONNECTION.authToken,
  GAMELIFT_SDK_FLEET_ID: CONNECTION.fleetId,
  GAMELIFT_SDK_HOST_ID: CONNECTION.hostId,
  GAMELIFT_SDK_PROCESS_ID: CONNECTION.processId,
};
/** Everything that leads to AWS, and what a server needs. */
const SUPERVISOR_ENV = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/home/anna",
  FLEETROOM_ROOM: "duel",
  FLEETROOM_PORT: "7000-7009",
  FLEETROOM_ANYWHERE_FLEET_ID: "fleet-1",
  FLEETROOM_AWS_REGION: "eu-central-1",
  FLEETROOM_AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "verysecret",
  AWS_SESSION_TOKEN: "verysecretsession",
  AWS_PROFILE: "anna",
  AWS_SHARED_CREDENTIALS_FILE: "/home/anna/.aws/credentials",
  AWS_CONFIG_FILE: "/home/anna/.aws/config",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
  AWS_ROLE_ARN: "arn:aws:iam::1:role/x",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials",
  aws_secret_access_key: "lowercase",
  BOTO_CONFIG: "/home/anna/.boto",
  ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4",
  GAMELIFT_SDK_AUTH_TOKEN: "stale",
  GAMELIFT_SDK_TOOL_NAME: "stale",
  GAMELIFT_ACCESS_KEY: "AKIDOTHER",
  GAMELIFT_SECRET_KEY: "othersecret",
  GAMELIFT_SESSION_TOKEN: "othersession",
  GAMELIFT_REGION: "us-east-1",
  GAMELIFT_COMPUTE_TYPE: "CONTAINER",
  GAMELIFT_STATSD_HOST: "127.0.0.1",
  TF_VAR_secret: "x-verysecret-x",
};
const FOR_SERVERS = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/home/anna",
  FLEETROOM_ROOM: "duel",
  FLEETROOM_PORT: "7000-7009",
  GAMELIFT_STATSD_HOST: "127.0.0.1",
  ...FIVE,
};

const running: RunningProcess[] = [];
const left: number[] = [];

function launch(way: string, env: Record<string, string> = {}) {
  const output = { out: "", error: "", writes: 0 };
  const process_ = launchServer(
    {
      command: [process.execPath, FIXTURE, way],
      env: { PATH: process.env["PATH"], ...env },
      writeOut: (bytes) => {
        output.out += Buffer.from(bytes).toString();
        output.writes++;
      },
      writeError: (bytes) => {
        output.error += Buffer.from(bytes).toString();
      },
    },
    CONNECTION,
  );
  running.push(process_);
  const record = async (event: string) => {
    const find = () =>
      output.out
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { event: string; [field: string]: unknown })
        .find((line) => line.event === event);
    await until(() => find() !== undefined);
    return find()!;
  };
  return { ...process_, output, record };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A process that ended and was not waited for yet is a zombie, and gone.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

afterEach(async () => {
  for (const each of running) each.kill("SIGKILL");
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  for (const pid of left.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
});

describe("the environment of a server", () => {
  it("[AN14] has the five variables and everything but what leads to AWS", () => {
    expect(serverEnvironment(SUPERVISOR_ENV, CONNECTION)).toEqual(FOR_SERVERS);
  });

  it("[AN14] is that, seen from inside a process", async () => {
    const server = launch("serves", SUPERVISOR_ENV);
    const { env } = await server.record("serves");
    expect(env).toEqual(FOR_SERVERS);
  });

  it("[AN13] puts our server on a fleet, with nothing in it that it does not know", () => {
    const env = serverEnvironment(SUPERVISOR_ENV, CONNECTION);
    const config = readConfig({ env, argv: [], cwd: "/build", readFile: () => undefined });
    expect(config).toMatchObject({ fleet: "gamelift", room: "duel" });
  });
});

describe("a server as a child process", () => {
  it("[AN15] ends with 0 when its match is over", async () => {
    const server = launch("serves");
    await server.record("serves");
    process.kill(server.pid ?? 0, "SIGUSR2");
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it("[AN16] tells its exit code, the signal that ended it, or why it could not start", async () => {
    const crashed = launch("crashes");
    expect(await crashed.ended).toEqual({ code: 3, signal: null });
    expect(crashed.output.error).toBe("what went wrong\n");
    const killed = launch("serves");
    await killed.record("serves");
    process.kill(killed.pid ?? 0, "SIGSEGV");
    expect(await killed.ended).toEqual({ code: null, signal: "SIGSEGV" });

    const options = { env: {}, writeOut: () => {}, writeError: () => {} };
    const none = launchServer({ ...options, command: ["/no/such/program"] }, CONNECTION);
    expect(await none.ended).toMatchObject({ code: null, cause: { code: "ENOENT" } });
    const impossible = launchServer({ ...options, command: ["a\0b"] }, CONNECTION);
    expect(await impossible.ended).toMatchObject({ cause: { code: "ERR_INVALID_ARG_VALUE" } });
    for (const each of [none, impossible, killed]) each.kill("SIGKILL");
  });

  it("[AN17] is heard in whole lines beside others, as it wrote them", async () => {
    let all = "";
    const options = {
      command: [process.execPath, FIXTURE, "talks"],
      env: { PATH: process.env["PATH"] },
      writeOut: (bytes: Uint8Array) => {
        all += Buffer.from(bytes).toString();
      },
      writeError: () => {},
    };
    const talkers = Array.from({ length: 4 }, () => launchServer(options, CONNECTION));
    await Promise.all(talkers.map(({ ended }) => ended));
    const lines = all.split("\n").slice(0, -1);
    const last = "the last line has no end";
    const records = lines
      .filter((line) => line !== last)
      .map((line) => JSON.parse(line) as { pid: number; line: number; text: string });
    expect(lines).toHaveLength(4 * 201);
    for (const { pid } of talkers) {
      const own = records.filter((record) => record.pid === pid);
      expect(own.map(({ line }) => line)).toEqual(Array.from({ length: 200 }, (_, at) => at));
      expect(own.every(({ line, text }) => text === "é".repeat(line * 30))).toBe(true);
    }
  });

  it("[AN17] is cut when it writes no line end, so that little waits", async () => {
    const server = launch("talks without end");
    await server.ended;
    const lines = server.output.out.split("\n");
    expect(lines.at(-2)).toBe("end");
    expect(lines.join("")).toBe(`${"x".repeat(1_000_000)}end`);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(131_072 + 65_537);
  });

  it("[AN18] is over though a process that it left behind keeps its pipes open", async () => {
    const server = launch("leaves a process behind");
    left.push(Number((await server.record("left"))["left"]));
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(left.every(isAlive)).toBe(true);
  });

  it("[AN18] is killed with what it started, but asked alone", async () => {
    const server = launch("has a process of its own");
    const own = Number((await server.record("has"))["own"]);
    left.push(own);
    server.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([isAlive(server.pid ?? 0), isAlive(own)]).toEqual([true, true]);
    server.kill("SIGKILL");
    expect(await server.ended).toEqual({ code: null, signal: "SIGKILL" });
    await until(() => !isAlive(own));
  });

  it("[AN25] leads a process group of its own, which a terminal's Ctrl-C does not reach", async () => {
    const server = launch("serves");
    await server.record("serves");
    // proc(5): behind the name come state, parent and process group.
    const stat = readFileSync(`/proc/${server.pid}/stat`, "utf8");
    const [, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    expect([Number(parent), Number(group)]).toEqual([process.pid, server.pid]);
  });
});
