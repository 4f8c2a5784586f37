import { ListFleetsCommand } from "@aws-sdk/client-gamelift";
import { beforeAll, describe, expect, it } from "vitest";
import { signatureFault } from "../../../emulator/api/signature.ts";
import type { HttpRequest } from "../../../emulator/front/http-exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ApiServer } from "./api-server.ts";
import { ApiWorld, request } from "./api-world.ts";

const credentials = { accessKeyId: "AKIAEMULATOR", secretAccessKey: "s3cret+/= key" };

/** What the unmodified SDK sends. */
async function signedByTheSdk(config: object = {}): Promise<HttpRequest> {
  await using server = await ApiServer.open(new ApiWorld().api);
  const client = server.client({ credentials, ...config });
  await client.send(new ListFleetsCommand({ Limit: 5 })).catch(() => {});
  const [sent] = server.requests;
  if (sent === undefined) throw new Error("nothing came");
  return sent;
}

describe("the signature of a call", () => {
  let signed: HttpRequest;
  beforeAll(async () => {
    signed = await signedByTheSdk();
  });

  const fault = (
    call: HttpRequest,
    { lateMs = 0, secretAccessKey = credentials.secretAccessKey } = {},
  ) => {
    const clock = new FakeClock(0, stampMs(signed) + lateMs);
    const keys = { ...credentials, secretAccessKey };
    return signatureFault(call, { credentials: keys, region: "us-west-2", clock });
  };

  const withHeaders = (headers: Record<string, string | undefined>): HttpRequest => ({
    ...signed,
    headers: { ...signed.headers, ...headers },
  });

  const withAuthorization = (change: (text: string) => string): HttpRequest =>
    withHeaders({ authorization: change(signed.headers.authorization ?? "") });

  it("[EA48] is right as the SDK makes it, and after what a proxy may do to a header", () => {
    expect(signed.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAEMULATOR/);
    expect(fault(signed)).toBeUndefined();
    const contentType = `  ${signed.headers["content-type"]} `;
    expect(fault(withHeaders({ "content-type": contentType }))).toBeUndefined();
    expect(fault(withHeaders({ "x-forwarded-for": "127.0.0.1" }))).toBeUndefined();
  });

  it("[EA48] is wrong after any change to what was signed", () => {
    const changed: Record<string, HttpRequest> = {
      body: { ...signed, body: Buffer.from('{"Limit":6}') },
      path: { ...signed, path: "/other" },
      query: { ...signed, query: new URLSearchParams("a=b") },
      method: { ...signed, method: "PUT" },
      host: withHeaders({ host: "127.0.0.2:9080" }),
      target: withHeaders({ "x-amz-target": "GameLift.DeleteFleet" }),
      signature: withAuthorization((text) =>
        text.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      ),
      "longer signature": withAuthorization((text) => `${text}00`),
      "no hex": withAuthorization((text) => `${text.slice(0, -2)}zz`),
    };
    for (const [what, call] of Object.entries(changed)) {
      expect(fault(call), what).toMatchObject({
        type: "InvalidSignatureException",
        message: expect.stringMatching(/^The request signature we calculated does not match/),
      });
    }
    expect(fault(signed, { secretAccessKey: "another" })?.type).toBe("InvalidSignatureException");
  });

  it("[EA49] must be there", () => {
    expect(fault(request("ListFleets"))?.type).toBe("MissingAuthenticationTokenException");
    const query = new URLSearchParams({ "X-Amz-Signature": "0".repeat(64) });
    expect(fault({ ...request("ListFleets"), query })?.type).toBe("IncompleteSignatureException");
  });

  it("[EA49] must be whole, and what is missing is named", () => {
    const incomplete = (call: HttpRequest) => {
      const found = fault(call);
      expect(found?.type).toBe("IncompleteSignatureException");
      return found?.message;
    };
    const without = (part: RegExp) => withAuthorization((text) => text.replace(part, ""));
    expect(incomplete(without(/Signature=.*/))).toContain("'Signature'");
    expect(incomplete(without(/SignedHeaders=[^,]*,/))).toContain("'SignedHeaders'");
    expect(incomplete(without(/Credential=[^,]*,/))).toContain("'Credential'");
    expect(incomplete(without(/\/aws4_request/))).toContain("KEY/DATE/REGION/SERVICE");
    expect(incomplete(withHeaders({ "x-amz-date": undefined }))).toContain("X-Amz-Date");
    expect(incomplete(withHeaders({ "x-amz-date": "yesterday" }))).toContain("X-Amz-Date");
    expect(incomplete(withHeaders({ authorization: "Bearer token" }))).toContain("AWS4-HMAC");
    expect(incomplete(withHeaders({ authorization: "AWS4-HMAC-SHA256 x" }))).toContain(
      "Credential",
    );
  });

  it("[EA50] must be of the emulator's key, which is no session's", () => {
    const foreign = withAuthorization((text) => text.replace("AKIAEMULATOR", "AKIAANOTHER"));
    expect(fault(foreign)?.type).toBe("UnrecognizedClientException");
    const session = fault(withHeaders({ "x-amz-security-token": "token" }));
    expect(session?.type).toBe("UnrecognizedClientException");
    expect(session?.message).toMatch(/without a session token/);
  });

  it("[EA50] must be for gamelift, the emulator's Region and the day of its time", async () => {
    const scoped = (from: string | RegExp, to: string) =>
      fault(withAuthorization((text) => text.replace(from, to)));
    for (const [found, says] of [
      [scoped("/gamelift/", "/sqs/"), /service: 'gamelift'/],
      [scoped("us-west-2", "eu-west-1"), /Region: the emulator's is 'us-west-2'/],
      [scoped("aws4_request", "aws5_request"), /terminator: 'aws4_request'/],
      [scoped(/\d{8}/, "20200101"), /does not match X-Amz-Date/],
    ] as const) {
      expect(found?.type).toBe("InvalidSignatureException");
      expect(found?.message).toMatch(says);
    }
    const elsewhere = await signedByTheSdk({ region: "eu-west-1" });
    expect(fault(elsewhere)?.message).toMatch(/us-west-2/);
  });

  it("[EA51] is good for 15 minutes around its time", () => {
    const minutes = (lateMinutes: number) => fault(signed, { lateMs: lateMinutes * 60_000 });
    expect([minutes(15), minutes(-15)]).toEqual([undefined, undefined]);
    expect(minutes(15.1)).toMatchObject({
      type: "InvalidSignatureException",
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z/),
    });
    expect(minutes(-15.1)?.message).toMatch(/^Signature not yet current/);
  });

  it("[EA52] covers host and every X-Amz header", () => {
    const uncovered = fault(withHeaders({ "x-amz-extra": "value" }));
    expect(uncovered?.type).toBe("InvalidSignatureException");
    expect(uncovered?.message).toMatch(/SignedHeaders: x-amz-extra\.$/);
    const hostless = fault(withAuthorization((text) => text.replace("host;", "")));
    expect(hostless?.message).toMatch(/SignedHeaders: host\.$/);
    const odd = fault(withAuthorization((text) => text.replace("host;", "host;__proto__;")));
    expect(odd?.type).toBe("InvalidSignatureException");
  });

  it("[EA53] is asked for with credentials alone, before anything else, and tells no secret", () => {
    const world = new ApiWorld({ credentials });
    const headers = { authorization: "AWS4-HMAC-SHA256 Credential=AKIAWRONG" };
    const wrong = request("Nothing", "{");
    const calls = [wrong, { ...wrong, headers: { ...wrong.headers, ...headers } }];
    for (const answer of calls.map((call) => world.api.handle(call))) {
      expect(answer.status).toBe(400);
      expect(String(answer.body)).toMatch(/MissingAuthenticationToken|IncompleteSignature/);
      expect(String(answer.body)).not.toContain(credentials.secretAccessKey);
    }
    const open = new ApiWorld().api.handle({ ...calls[1]!, ...request("ListFleets") });
    expect(open.status).toBe(200);
    const unchecked = request("ListFleets");
    const anySignature = { ...unchecked, headers: { ...unchecked.headers, ...headers } };
    expect(new ApiWorld().api.handle(anySignature).status).toBe(200);
  });
});

function stampMs({ headers }: HttpRequest): number {
  const stamp = String(headers["x-amz-date"]);
  return Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}
