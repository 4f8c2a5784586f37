/**
 * GameLift's own variant of Signature Version 4 for an upgrade: what is signed is the sorted query of three parameters
 * and nothing else of the request.
 *
 *     canonical    = ComputeId={enc}&FleetId={enc}&pID={enc}
 *     scope        = {yyyyMMdd}/{region}/gamelift/aws4_request
 *     stringToSign = AWS4-HMAC-SHA256 \n {yyyyMMddTHHmmssZ} \n scope \n hex(sha256(canonical))
 *     signature    = hex(HMAC(key, stringToSign)), with the key chain of Signature Version 4
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { UpgradeQuery } from "./upgrade-query.ts";

/** Of the one account that may sign. */
export interface SigningKey {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  readonly sessionToken?: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const STAMP = /^\d{8}T\d{6}Z$/;

/** Whether an upgrade's query has everything that a signature consists of, whoever made it. */
export function isSignatureShaped(query: UpgradeQuery): boolean {
  const stamp = query["X-Amz-Date"] ?? "";
  const credential = (query["X-Amz-Credential"] ?? "").split("/");
  const [accessKey, day, region, service, terminator] = credential;
  return (
    query["X-Amz-Algorithm"] === ALGORITHM &&
    STAMP.test(stamp) &&
    /^[0-9a-f]{64}$/.test(query["X-Amz-Signature"] ?? "") &&
    credential.length === 5 &&
    !!accessKey &&
    day === stamp.slice(0, 8) &&
    !!region &&
    service === "gamelift" &&
    terminator === "aws4_request"
  );
}

/**
 * Whether an upgrade's query is signed with that key. The age of a signature is not judged, because an SDK signs once and
 * reconnects with it.
 */
export function isSignedBy(key: SigningKey, query: UpgradeQuery): boolean {
  const stamp = query["X-Amz-Date"] ?? "";
  const day = stamp.slice(0, 8);
  const scope = `${day}/${key.region}/gamelift/aws4_request`;
  const isOfKey =
    isSignatureShaped(query) &&
    query["X-Amz-Credential"] === `${key.accessKey}/${scope}` &&
    query["X-Amz-Security-Token"] === key.sessionToken;
  if (!isOfKey) return false;
  const canonical = ["ComputeId", "FleetId", "pID"]
    .map((name) => `${name}=${encoded(query[name] ?? "")}`)
    .join("&");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const signingKey = [day, key.region, "gamelift", "aws4_request"].reduce<string | Buffer>(
    (last, part) => createHmac("sha256", last).update(part).digest(),
    `AWS4${key.secretKey}`,
  );
  const wanted = createHmac("sha256", signingKey)
    .update([ALGORITHM, stamp, scope, hash].join("\n"))
    .digest("hex");
  return timingSafeEqual(Buffer.from(query["X-Amz-Signature"] ?? ""), Buffer.from(wanted));
}

/** RFC 3986, as SigV4 wants it. */
function encoded(text: string): string {
  const stricter = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed()).replaceAll(/[!'()*]/g, stricter);
}
