/** Upgrades as the official SDKs signed them. */
export const SIGNING_KEY = {
  accessKey: "AKIDEXAMPLE",
  secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  region: "us-west-2",
  sessionToken: "tok/en+with=chars",
};

export const SIGNED_UPGRADES = [
  [
    "Go",
    "proc-go_sigv4",
    "20261120T103630Z",
    "b80094127c20b212eace1e1cce67658cc440bac736d07769aaafce3a12fc3bd9",
  ],
  [
    "C++",
    "proc-cpp_sigv4",
    "20261120T103632Z",
    "a3843d6f3492d4f93e61a56234ee08fe3af766489ca6140904feaa98d6e61a42",
  ],
] as const;

/** What of an upgrade's query a signature has to do with. */
export function signedQuery(pID: string, date: string, signature: string): Record<string, string> {
  return {
    pID,
    ComputeId: "local-compute",
    FleetId: "fleet-11111111-2222-3333-4444-555555555555",
    Authorization: "SigV4",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIDEXAMPLE/20261120/us-west-2/gamelift/aws4_request",
    "X-Amz-Date": date,
    "X-Amz-Signature": signature,
    "X-Amz-Security-Token": "tok/en+with=chars",
  };
}
