import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DescribePlayerSessionsCommand, GameLiftClient } from "@aws-sdk/client-gamelift";
import { afterEach, describe, expect, it } from "vitest";
import { rotatingCredentials } from "../../../../server/fleet/gamelift-api/rotating-credentials.ts";
import { describing } from "../../../support/aws-json-endpoint.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import {
  credentialsFile,
  credentialsText,
  described,
  directory,
  endpointWith,
  never,
  readerWith,
  rejection,
  SECRETS,
  until,
} from "./api-world.ts";

const works = describing([described("psess-a")]);
const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

describe("credentials of a file", () => {
  it("[GA8] are those of the rewritten file in a client that has already used the old ones", async () => {
    const file = credentialsFile();
    const { describe, endpoint } = await readerWith(works, { file });
    await describe();
    writeFileSync(file, credentialsText("AKIDSECONDEXAMPLE"));
    await describe();
    writeFileSync(file, credentialsText("AKIDTHIRDEXAMPLE"));
    await describe();
    expect(endpoint.requests.map((each) => each.accessKeyId)).toEqual([
      SECRETS.keyId,
      "AKIDSECONDEXAMPLE",
      "AKIDTHIRDEXAMPLE",
    ]);
    expect(endpoint.requests[1]?.headers["x-amz-security-token"]).toBe(SECRETS.token);
  });

  it("[GA8] would be the old ones for ever by the AWS SDK alone, in a new client too", async () => {
    const file = credentialsFile();
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
      delete process.env[name];
    }
    process.env["AWS_SHARED_CREDENTIALS_FILE"] = file;
    process.env["AWS_CONFIG_FILE"] = file;
    process.env["AWS_PROFILE"] = "FleetRoleCredentials";
    const endpoint = await endpointWith(works);
    const open = () => new GameLiftClient({ region: "eu-west-1", endpoint: endpoint.url });
    const clients = [open()];
    const ask = (client: GameLiftClient) =>
      client.send(new DescribePlayerSessionsCommand({ PlayerSessionId: "psess-a" }));
    for (const client of clients) await ask(client);
    writeFileSync(file, credentialsText("AKIDSECONDEXAMPLE"));
    clients.push(open());
    for (const client of clients) await ask(client);
    expect(endpoint.requests.map((each) => each.accessKeyId)).toEqual([
      SECRETS.keyId,
      SECRETS.keyId,
      SECRETS.keyId,
    ]);
    for (const client of clients) client.destroy();
  });

  it("[GA8] are given out for five minutes at most", async () => {
    const clock = new FakeClock();
    const find = providerOf(credentialsFile(), clock);
    const { expiration } = await find();
    expect(expiration?.getTime()).toBe(clock.wallMs() + 300_000);
  });

  it("[GA8] are of the named profile in the named file, and of no other file", async () => {
    const file = credentialsFile();
    writeFileSync(file, `${credentialsText("AKIDOTHER", "other")}${credentialsText("AKIDOURS")}`);
    const elsewhere = credentialsFile();
    writeFileSync(elsewhere, credentialsText("AKIDCONFIG", "profile configured"));
    process.env["AWS_CONFIG_FILE"] = elsewhere;
    process.env["AWS_ACCESS_KEY_ID"] = "AKIDENVIRONMENT";
    process.env["AWS_SECRET_ACCESS_KEY"] = "x";
    const clock = new FakeClock();
    expect(await providerOf(file, clock)()).toMatchObject({ accessKeyId: "AKIDOURS" });
    expect(await providerOf(file, clock, "other")()).toMatchObject({ accessKeyId: "AKIDOTHER" });
    const failed = rejection(providerOf(file, clock, "configured")());
    await pass(clock, 10_000);
    expect((await failed).message).toBe(`none of profile configured in ${file}`);
  });

  it("[GA8] are waited for, up to 10 s, when there is no file yet or only a part of it", async () => {
    const file = path.join(directory(), "credentials");
    const clock = new FakeClock();
    const found = providerOf(file, clock)();
    await pass(clock, 3_000);
    writeFileSync(file, `[FleetRoleCredentials]\naws_access_key_id = ${SECRETS.keyId}\naws_se`);
    await pass(clock, 3_000);
    writeFileSync(file, credentialsText(SECRETS.keyId));
    clock.advance(250);
    expect(await found).toMatchObject({
      accessKeyId: SECRETS.keyId,
      secretAccessKey: SECRETS.key,
      sessionToken: SECRETS.token,
    });
  });

  it("[GA8] are given up after 10 s, with an error that says where they should have been", async () => {
    const file = path.join(directory(), "credentials");
    writeFileSync(file, `[FleetRoleCredentials]\naws_secret_access_key = ${SECRETS.key}\n`);
    const clock = new FakeClock();
    const failed = rejection(providerOf(file, clock)());
    await pass(clock, 9_750);
    await until(() => clock.pendingTimers === 1);
    clock.advance(250);
    expect(await failed).toMatchObject({
      kind: "no_credentials",
      message: `none of profile FleetRoleCredentials in ${file}`,
    });
  });

  it("[GA8] are waited for 1 s once they were there", async () => {
    const file = credentialsFile();
    const clock = new FakeClock();
    const find = providerOf(file, clock);
    await find();
    rmSync(file);
    const failed = rejection(find());
    await pass(clock, 1_000);
    await failed;
    writeFileSync(file, credentialsText("AKIDSECONDEXAMPLE"));
    expect(await find()).toMatchObject({ accessKeyId: "AKIDSECONDEXAMPLE" });
  });

  it("[GA8] are waited for no longer once nobody needs them", async () => {
    const closed = new AbortController();
    const clock = new FakeClock();
    const file = path.join(directory(), "credentials");
    const failed = rejection(
      rotatingCredentials({ file, profile: "p", clock, signal: closed.signal })(),
    );
    await until(() => clock.pendingTimers === 1);
    closed.abort();
    await failed;
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA5] hold nobody up who gave up waiting", async () => {
    const file = path.join(directory(), "credentials");
    const { describe, reader, clock } = await readerWith(works, { file });
    const given = new AbortController();
    const failed = [
      rejection(describe(given.signal)),
      rejection(reader.proveAccess(given.signal)),
      rejection(reader.proveAccess(AbortSignal.abort())),
    ];
    // The call's own deadline, and the next look at the file.
    await until(() => clock.pendingTimers === 2);
    given.abort();
    for (const each of failed) expect(await each).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(clock.pendingTimers).toBe(1);
    reader[Symbol.dispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA7] that are missing in mid-match are a fault of whoever runs the server", async () => {
    const file = credentialsFile();
    const { describe, clock, endpoint } = await readerWith(works, { file });
    await describe();
    writeFileSync(file, "[FleetRoleCredentials]\n");
    const failed = rejection(describe());
    // The call's own deadline, and the next look at the file.
    for (let looks = 0; looks < 4; looks++) {
      await until(() => clock.pendingTimers === 2);
      clock.advance(250);
    }
    expect(await failed).toMatchObject({ code: "FLEET_API_DENIED" });
    expect(endpoint.requests).toHaveLength(1);
  });
});

function providerOf(file: string, clock: FakeClock, profile = "FleetRoleCredentials") {
  return rotatingCredentials({ file, profile, clock, signal: never });
}

/** Lets time pass look by look; reading a file takes real time. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  const endMs = clock.nowMs() + ms;
  while (clock.nowMs() < endMs) {
    await until(() => clock.pendingTimers === 1);
    clock.advance(250);
  }
}
