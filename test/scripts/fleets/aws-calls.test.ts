import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsCalls } from "../../../scripts/fleets/aws/aws-calls.ts";

/** Answers every call with what a test says. */
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(answer.status, { "x-amzn-errortype": answer.type });
  response.end(JSON.stringify({ __type: answer.type, Message: answer.message }));
});
let answer = { status: 400, type: "", message: "" };
let calls: AwsCalls;
const never = new AbortController().signal;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  calls = new AwsCalls({
    region: "us-west-2",
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "canary" }),
  });
});
afterAll(() => {
  calls[Symbol.dispose]();
  server.close();
});

describe("calls of AWS that fail", () => {
  it.each([
    ["UnauthorizedException", "these credentials need gamelift:CreateFleet, and iam:PassRole"],
    ["LimitExceededException", "have the quota raised: an account has 10 EC2 fleets"],
    ["UnsupportedRegionException", "this was us-west-2"],
    ["UnrecognizedClientException", "give valid AWS credentials"],
    ["ThrottlingException", "wait a minute"],
    ["InvalidRequestException", "the words above"],
    ["SomethingNewException", "see the AWS documentation"],
  ])(
    "[SP7] say what to do about %s, in one line and without control characters",
    async (type, advice) => {
      answer = { status: 400, type, message: "no\u001b[2J\nmore" };
      const failed = calls.call("CreateFleet", { Name: "x" }, never);
      await expect(failed).rejects.toMatchObject({ code: "FLEETS_CALL_FAILED" });
      await expect(failed).rejects.toThrow(`CreateFleet: ${type}: no [2J more\n  What to do: `);
      await expect(failed).rejects.toThrow(advice);
      await expect(failed).rejects.not.toThrow("canary");
    },
  );

  it("[SP4] end an upload whose file cannot be read, in place of waiting for the rest", async () => {
    const upload = {
      file: os.tmpdir(),
      sizeBytes: 1_000,
      bucket: "uploads",
      key: "game.zip",
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
      sent: () => {},
    };
    await expect(calls.upload(upload, never)).rejects.toMatchObject({
      code: "FLEETS_ZIP_INVALID",
      message: expect.stringContaining("cannot be read any more (EISDIR)"),
    });
  });
});
