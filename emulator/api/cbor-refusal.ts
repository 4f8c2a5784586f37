import type { HttpAnswer, HttpRequest } from "../front/http-exchange.ts";

/** Of the protocol smithy-rpc-v2-cbor, which newer SDKs prefer. */
const PATH = /^\/service\/[A-Za-z0-9]+\/operation\/[A-Za-z0-9]+$/;
const MESSAGE =
  "The emulator speaks awsJson1.1 alone. Have the SDK use that protocol instead of smithy-rpc-v2-cbor.";

/** An error in a caller's own protocol, which is not spoken here. @returns Nothing for other callers. */
export function cborRefusal({ path, headers }: HttpRequest): HttpAnswer | undefined {
  const isCbor = headers["smithy-protocol"] === "rpc-v2-cbor" || PATH.test(path);
  if (!isCbor) return undefined;
  const members = ["__type", "com.amazon.coral.service#UnsupportedOperationException"];
  const body = [...members, "message", MESSAGE].map(textString);
  return {
    status: 400,
    headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
    // A map of two pairs.
    body: Buffer.concat([Buffer.from([0xa2]), ...body]),
  };
}

/** CBOR's text of 24 to 255 bytes has its length in a second byte, a shorter one in the first. */
function textString(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = bytes.length < 24 ? [0x60 + bytes.length] : [0x78, bytes.length];
  return Buffer.concat([Buffer.from(head), bytes]);
}
