/**
 * GameLift's own variant of Signature Version 4 for the connection of a process without a token. What is signed is the
 * sorted query of three parameters alone: no method, path, header or payload.
 *
 *   canonical    = ComputeId={enc}&FleetId={enc}&pID={enc}
 *   scope        = {yyyyMMdd}/{region}/gamelift/aws4_request
 *   stringToSign = AWS4-HMAC-SHA256 \n {yyyyMMddTHHmmssZ} \n scope \n hex(sha256(canonical))
 *   signature    = hex(HMAC(key, stringToSign)), with the key chain of Signature Version 4
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";

const ALGORITHM = "AWS4-HMAC-SHA256";
const SERVICE = "gamelift";
const TERMINATOR = "aws4_request";

export interface AwsCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

/** @param atMs - Wall-clock milliseconds. @returns Query parameters beside `Authorization=SigV4`. */
export function signedParameters(
  ids: { readonly computeId: string; readonly fleetId: string; readonly processId: string },
  credentials: AwsCredentials,
  region: string,
  atMs: number,
): Record<string, string> {
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const day = stamp.slice(0, 8);
  const scope = `${day}/${region}/${SERVICE}/${TERMINATOR}`;
  const canonical = [
    `ComputeId=${encoded(ids.computeId)}`,
    `FleetId=${encoded(ids.fleetId)}`,
    `pID=${encoded(ids.processId)}`,
  ].join("&");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const key = [day, region, SERVICE, TERMINATOR].reduce<string | Buffer>(
    (chain, part) => hmac(chain, part),
    `AWS4${credentials.secretKey}`,
  );
  const signature = hmac(key, [ALGORITHM, stamp, scope, hash].join("\n")).toString("hex");
  return {
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": `${credentials.accessKey}/${scope}`,
    "X-Amz-Date": stamp,
    ...(credentials.sessionToken ? { "X-Amz-Security-Token": credentials.sessionToken } : {}),
    "X-Amz-Signature": signature,
  };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Everything but the unreserved characters of RFC 3986. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
