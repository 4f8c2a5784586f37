import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecondOpinion } from "../../../../server/fleet/gamelift-api/second-opinion.ts";
import { MemoryTelemetry } from "../../../../server/telemetry/memory/memory-telemetry.ts";
import { type ApiAnswer, describing, refuse } from "../../../support/aws-json-endpoint.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import {
  credentialsFile,
  credentialsText,
  described,
  directory,
  endpointWith,
  GAME_SESSION,
  never,
  readerWith,
  rejection,
  SECRETS,
  until,
} from "./api-world.ts";

const SOURCE = fileURLToPath(
  new URL("../../../../server/fleet/gamelift-api/second-opinion.ts", import.meta.url),
);
const works = describing([described("psess-a"), described("psess-b", { Status: "COMPLETED" })]);
const denied: ApiAnswer = (response) => refuse(response, "AccessDeniedException");

/** Nothing that this machine may know of AWS. */
const environment = { ...process.env };
beforeAll(() => {
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_")) delete process.env[name];
  process.env["AWS_EC2_METADATA_DISABLED"] = "true";
  process.env["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent";
  process.env["AWS_CONFIG_FILE"] = "/nonexistent";
});
afterAll(() => {
  process.env = environment;
});

function withEnvironment(keyId: string): Disposable {
  process.env["AWS_ACCESS_KEY_ID"] = keyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = SECRETS.key;
  return {
    [Symbol.dispose]() {
      delete process.env["AWS_ACCESS_KEY_ID"];
      delete process.env["AWS_SECRET_ACCESS_KEY"];
    },
  };
}

async function world(answer: ApiAnswer, over: { file?: string; usual?: string } = {}) {
  const endpoint = await endpointWith(answer);
  const clock = new FakeClock(0, Date.now());
  const telemetry = new MemoryTelemetry();
  const usualCredentialsFile = over.usual ?? path.join(directory(), "credentials");
  const config = {
    validator: "server-sdk+api",
    api: { callsPerSecond: 2 },
    aws: {
      region: "eu-west-1",
      endpointUrl: endpoint.url,
      credentialsFile: over.file ?? "",
      profile: "FleetRoleCredentials",
    },
  } as const;
  let rests = 0;
  const random = () => {
    rests++;
    return 0.5;
  };
  const seams = { usualCredentialsFile, random };
  const open = () => openSecondOpinion(config, clock, telemetry, seams);
  /** Tries that failed and were followed by another. */
  const failures = () => telemetry.of("fleetCallFailed").length;
  return { endpoint, clock, open, failures, rests: () => rests, telemetry, usualCredentialsFile };
}

describe("openSecondOpinion", () => {
  it("[GA10] opens none when none is wanted, and loads nothing of the AWS SDK for it", () => {
    const script = `
      const { openSecondOpinion } = await import(${JSON.stringify(SOURCE)});
      const { createRequire } = await import("node:module");
      const loaded = () => Object.keys(createRequire("/").cache).filter((each) => each.includes("@aws-sdk"));
      const config = { validator: process.argv[1], api: { callsPerSecond: 1 }, aws: {} };
      const opened = openSecondOpinion(config, { nowMs: () => 0, after: () => () => {} }, {}).catch(() => "failed");
      console.log(await Promise.race([opened, new Promise((done) => setTimeout(done, 2_000, "open"))]), loaded().length > 0);
      process.exit();`;
    const run = (validator: string) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", script, validator], {
        encoding: "utf8",
      }).trim();
    expect(run("server-sdk")).toBe("undefined false");
    expect(run("server-sdk+api")).toMatch(/ true$/);
  });

  it("[GA10] proves its access by one call and describes those alone who wait for their player", async () => {
    const { open, endpoint, failures } = await world(works, { file: credentialsFile() });
    using reader = (await open())!;
    expect(endpoint.requests.map(({ input }) => Object.keys(input))).toEqual([["PlayerSessionId"]]);
    expect(reader.descriptionsPerSecond).toBe(2);
    const records = await reader.playerSessions(GAME_SESSION, never);
    expect(records.map((each) => each.playerSessionId)).toEqual(["psess-a"]);
    expect(endpoint.requests.map((each) => each.accessKeyId)).toEqual([
      SECRETS.keyId,
      SECRETS.keyId,
    ]);
    expect(failures()).toBe(0);
  });

  it("[GA10] fails at once when the named credentials do not allow it", async () => {
    const { open, endpoint, clock } = await world(denied, { file: credentialsFile() });
    expect(await rejection(open())).toMatchObject({ code: "FLEET_API_DENIED" });
    expect(endpoint.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    await until(() => endpoint.openConnections === 0);
  });

  it("[GA10] waits for a named file, and says which one when it does not come", async () => {
    const file = path.join(directory(), "credentials");
    const { open, endpoint, clock } = await world(works, { file });
    const failed = rejection(open());
    // The proof's own deadline, and the next look at the file.
    while (clock.nowMs() < 10_000) {
      await until(() => clock.pendingTimers === 2);
      clock.advance(250);
    }
    const error = await failed;
    expect(error).toMatchObject({ code: "FLEET_API_DENIED" });
    expect(error.message).toContain(`none of profile FleetRoleCredentials in ${file}`);
    expect(endpoint.requests).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA10] takes the usual file where there is one, before the environment", async () => {
    using _ = withEnvironment("AKIDENVIRONMENT");
    const { open, endpoint } = await world(works, { usual: credentialsFile() });
    using _reader = await open();
    expect(endpoint.requests[0]?.accessKeyId).toBe(SECRETS.keyId);
  });

  it("[GA10] takes what the AWS SDK finds where there is no file", async () => {
    using _ = withEnvironment("AKIDENVIRONMENT");
    const { open, endpoint } = await world(works);
    using _reader = await open();
    expect(endpoint.requests[0]?.accessKeyId).toBe("AKIDENVIRONMENT");
  });

  it.each([
    ["nothing", () => ({ [Symbol.dispose]() {} })],
    ["credentials that do not allow it", () => withEnvironment("AKIDENVIRONMENT")],
  ])(
    "[GA10] takes the usual file when it comes later, and finds %s until then",
    async (_, before) => {
      using _environment = before();
      const { open, endpoint, clock, failures, usualCredentialsFile } = await world(
        (response, request, at) =>
          (request.accessKeyId === SECRETS.keyId ? works : denied)(response, request, at),
      );
      const opened = open();
      await until(() => failures() === 1);
      clock.advance(1_000);
      await until(() => failures() === 2);
      writeFileSync(usualCredentialsFile, credentialsText(SECRETS.keyId));
      clock.advance(1_000);
      using _reader = await opened;
      expect(endpoint.requests.at(-1)?.accessKeyId).toBe(SECRETS.keyId);
    },
  );

  it("[GA10] gives up a try after 15 s in which the AWS SDK finds no credentials and says nothing", async () => {
    let asked = 0;
    const silent = createServer(() => asked++);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `http://127.0.0.1:${port}/`;
    try {
      const { open, endpoint, clock } = await world(works);
      const failed = rejection(open());
      await until(() => asked === 1);
      clock.advance(15_000);
      expect(await failed).toMatchObject({ code: "FLEET_UNREACHABLE" });
      expect(asked).toBe(1);
      expect(endpoint.requests).toHaveLength(0);
    } finally {
      delete process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
      silent.close();
      silent.closeAllConnections();
    }
  });

  it("[GA7] takes credentials that the AWS SDK finds no more for a fault of whoever runs the server", async () => {
    const { describe, endpoint } = await readerWith(works, { file: "" });
    expect(await rejection(describe())).toMatchObject({ code: "FLEET_API_DENIED" });
    expect(endpoint.requests).toHaveLength(0);
  });

  it("[GA10] gives up 10 s after it began, and has told each failure", async () => {
    const { open, clock, failures, telemetry } = await world(works);
    const failed = rejection(open());
    for (let tries = 1; tries <= 10; tries++) {
      await until(() => failures() === tries);
      clock.advance(1_000);
    }
    expect(await failed).toMatchObject({ code: "FLEET_API_DENIED" });
    expect(failures()).toBe(10);
    expect(telemetry.of("fleetCallFailed")[0]).toMatchObject({
      action: "describe_player_sessions",
      cause: { code: "FLEET_API_DENIED" },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA10] tries again when the service gave no answer", async () => {
    const { open, endpoint, clock, failures, rests } = await world(
      (response, request, at) =>
        at < 2 ? void response.socket?.destroy() : works(response, request, at),
      { file: credentialsFile() },
    );
    const opened = open();
    await until(() => rests() === 1);
    clock.advance(200);
    await until(() => failures() === 1);
    clock.advance(1_000);
    using _reader = await opened;
    expect(endpoint.requests).toHaveLength(3);
  });
});
