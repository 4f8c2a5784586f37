import { describe, expect, it } from "vitest";
import { isSignatureShaped, isSignedBy } from "../../../../emulator/server-sdk/rules/signature.ts";
import { SIGNED_UPGRADES, SIGNING_KEY, signedQuery } from "../../../support/signed-upgrades.ts";

const [, ...GO] = SIGNED_UPGRADES[0];

describe("a signed upgrade", () => {
  it.each(SIGNED_UPGRADES)("[ES2] of the %s SDK is verified", (_sdk, pID, date, signature) => {
    expect(isSignedBy(SIGNING_KEY, signedQuery(pID, date, signature))).toBe(true);
  });

  it.each([
    ["pID", "proc-go_sigv5"],
    ["ComputeId", "other-compute"],
    ["FleetId", "fleet-1"],
    ["X-Amz-Date", "20261120T103631Z"],
    ["X-Amz-Date", "20261121T103630Z"],
    ["X-Amz-Credential", "AKIDEXAMPLE/20261120/us-east-1/gamelift/aws4_request"],
    ["X-Amz-Credential", "AKIDOTHER/20261120/us-west-2/gamelift/aws4_request"],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA1"],
    ["X-Amz-Security-Token", "another"],
    ["X-Amz-Signature", SIGNED_UPGRADES[1][3]],
    ["X-Amz-Signature", ""],
    ["pID", "\ud800"],
  ])("[ES2] is refused with another %s: %s", (name, value) => {
    expect(isSignedBy(SIGNING_KEY, { ...signedQuery(...GO), [name]: value })).toBe(false);
  });

  it.each([
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA1"],
    ["X-Amz-Date", "2026-11-20T10:36:30Z"],
    ["X-Amz-Date", "20261121T103630Z"],
    ["X-Amz-Signature", "b80094127c20"],
    ["X-Amz-Signature", SIGNED_UPGRADES[0][3].toUpperCase()],
    ["X-Amz-Credential", "AKIDEXAMPLE"],
    ["X-Amz-Credential", "/20261120/us-west-2/gamelift/aws4_request"],
    ["X-Amz-Credential", "AKIDEXAMPLE/20261120//gamelift/aws4_request"],
    ["X-Amz-Credential", "AKIDEXAMPLE/20261120/us-west-2/s3/aws4_request"],
    ["X-Amz-Credential", "AKIDEXAMPLE/20261120/us-west-2/gamelift/aws4"],
    ["X-Amz-Credential", "AKIDEXAMPLE/20261120/us-west-2/gamelift/aws4_request/"],
  ])("[ES2] is no signature at all with %s %s", (name, value) => {
    expect(isSignatureShaped(signedQuery(...GO))).toBe(true);
    expect(isSignatureShaped({ ...signedQuery(...GO), [name]: value })).toBe(false);
  });
});
