import { describe, expect, it } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../emulator/front/http-exchange.ts";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, request } from "./api-world.ts";

const typeOf = ({ headers }: HttpAnswer) => headers?.["x-amzn-errortype"];
const bodyOf = ({ body }: HttpAnswer) => JSON.parse(String(body));

describe("awsJson1.1", () => {
  it("[EA5] answers with JSON and a request id, nothing absent in it, times in seconds", () => {
    const world = new ApiWorld();
    world.clock.advance(1_500);
    const FleetId = world.anywhere.fleetId;
    const input = { FleetId, ComputeName: "desk", IpAddress: "127.0.0.1", Location: LOCATION };
    const answer = world.api.handle(request("RegisterCompute", input));
    expect(answer.status).toBe(200);
    expect(answer.headers).toEqual({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(bodyOf(answer).Compute.CreationTime).toBe(Date.UTC(2026, 0, 1) / 1_000 + 1.5);
    expect(String(answer.body)).not.toMatch(/null|DnsName/);
    const gone = { FleetId, ComputeName: "desk" };
    expect(bodyOf(world.api.handle(request("DeregisterCompute", gone)))).toEqual({});
  });

  it("[EA5] answers an error with its type in header and body, and its words", () => {
    const world = new ApiWorld();
    const answer = world.api.handle(request("DescribeAlias", { AliasId: "alias-none" }));
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-errortype": "NotFoundException",
      "x-amzn-requestid": expect.any(String),
    });
    expect(bodyOf(answer)).toEqual({
      __type: "com.amazonaws.gamelift#NotFoundException",
      Message: "Alias alias-none was not found",
    });
    const missing = world.api.handle(request("DescribeAlias"));
    expect(bodyOf(missing).Message).toBe(
      "1 validation error detected: Value null at 'aliasId' failed to satisfy constraint: Member must not be null",
    );
  });

  it.each(["StartMatchmaking", "CreateScript", "TagResource", "CreateContainerFleet"])(
    "[EA6] says of %s that it is not emulated",
    (operation) => {
      const world = new ApiWorld();
      const answer = world.api.handle(request(operation));
      expect([answer.status, typeOf(answer)]).toEqual([400, "UnsupportedOperationException"]);
      expect(bodyOf(answer).Message).toMatch(`${operation} is not emulated`);
      expect(world.refusal(operation)).toBe("UnsupportedOperation");
    },
  );

  it.each(["Nothing", "constructor", "__proto__", "createfleet"])(
    "[EA6] does not know the operation %s",
    (operation) => {
      const world = new ApiWorld();
      expect(typeOf(world.api.handle(request(operation)))).toBe("UnknownOperationException");
      expect(world.refusal(operation)).toBe("UnknownOperation");
    },
  );

  it.each([
    { "x-amz-target": undefined },
    { "x-amz-target": "GameLift.ListFleets extra" },
    { "x-amz-target": "DynamoDB_20120810.ListTables" },
    { "content-type": "application/json" },
    { "content-type": undefined },
  ])("[EA6] does not know a call with %j", (headers) => {
    const { api } = new ApiWorld();
    const call = request("ListFleets");
    const answer = api.handle({ ...call, headers: { ...call.headers, ...headers } });
    expect([answer.status, typeOf(answer)]).toEqual([400, "UnknownOperationException"]);
  });

  it.each(["{", "[]", '"text"', "null", '{"Limit": "5"}', "{} {}"])(
    "[EA7] cannot read %s",
    (body) => {
      const { api } = new ApiWorld();
      const answer = api.handle(request("ListFleets", body));
      expect([answer.status, typeOf(answer)]).toEqual([400, "SerializationException"]);
    },
  );

  it("[EA7] reads no body as no members", () => {
    const { api } = new ApiWorld();
    expect(api.handle(request("ListFleets", "")).status).toBe(200);
  });

  it("[EA8] answers smithy-rpc-v2-cbor in CBOR that it is not spoken", () => {
    const { api } = new ApiWorld();
    const call: HttpRequest = {
      ...request("ListFleets"),
      path: "/service/GameLift/operation/ListFleets",
      headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
    };
    const answer = api.handle(call);
    expect(answer.status).toBe(400);
    expect(answer.headers).toEqual({
      "content-type": "application/cbor",
      "smithy-protocol": "rpc-v2-cbor",
    });
    expect(textsIn(answer.body as Buffer)).toEqual([
      "__type",
      "com.amazon.coral.service#UnsupportedOperationException",
      "message",
      expect.stringMatching(/speaks awsJson1.1 alone/),
    ]);
  });

  it("[EA9] tells a fault of its own as InternalServiceException, and its reason to the operator alone", () => {
    const world = new ApiWorld({
      logUrl: () => {
        throw new Error("the disk is gone");
      },
    });
    const { gameSessionId } = world.hosting("p-1", { isSupervised: true }).session;
    const answer = world.api.handle(
      request("GetGameSessionLogUrl", { GameSessionId: gameSessionId }),
    );
    expect([answer.status, typeOf(answer)]).toEqual([500, "InternalServiceException"]);
    expect(String(answer.body)).not.toContain("disk");
    expect(world.printed).toEqual([
      expect.stringMatching(/^GetGameSessionLogUrl failed: Error: the disk is gone/),
    ]);
  });
});

/** The texts of a CBOR map of texts. */
function textsIn(cbor: Buffer): string[] {
  const texts: string[] = [];
  expect(cbor[0]).toBe(0xa2);
  for (let at = 1; at < cbor.length; ) {
    const head = cbor[at] ?? 0;
    const [from, length] = head === 0x78 ? [at + 2, cbor[at + 1] ?? 0] : [at + 1, head - 0x60];
    texts.push(cbor.toString("utf8", from, from + length));
    at = from + length;
  }
  return texts;
}
