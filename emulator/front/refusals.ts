/**
 * How the port says no: to AWS clients in the form of an AWS error, to others as `{"error": "…"}`.
 * @module
 */
import type { HttpAnswer } from "./http-exchange.ts";

export const AWS_JSON = "application/x-amz-json-1.1";

export function refusal(status: number, error: string): HttpAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json" },
    body: `${JSON.stringify({ error })}\n`,
  };
}

/** @param name - Of the exception, such as `InternalServiceException`. */
export function awsRefusal(
  status: number,
  name: string,
  message: string,
  requestId: string,
): HttpAnswer {
  return {
    status,
    headers: awsHeaders(AWS_JSON, name, requestId),
    body: JSON.stringify({ __type: `com.amazonaws.gamelift#${name}`, Message: message }),
  };
}

/** The same for clients of rpc-v2-cbor, who read no JSON. */
export function cborRefusal(
  status: number,
  name: string,
  message: string,
  requestId: string,
): HttpAnswer {
  const members = [
    ["__type", `com.amazonaws.gamelift#${name}`],
    ["message", message],
  ] as const;
  return {
    status,
    headers: {
      ...awsHeaders("application/cbor", name, requestId),
      "Smithy-Protocol": "rpc-v2-cbor",
    },
    body: Buffer.concat([Buffer.from([0xa0 + members.length]), ...members.flat().map(cborText)]),
  };
}

function awsHeaders(contentType: string, name: string, requestId: string): Record<string, string> {
  return {
    "Content-Type": contentType,
    "x-amzn-ErrorType": name,
    "x-amzn-RequestId": requestId,
  };
}

/** RFC 8949, major type 3 with a length of two bytes. */
function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x79, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
