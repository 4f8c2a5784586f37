import type { Authorization, ProcessIdentity } from "./sdk-environment.ts";
import { encoded, signedParameters } from "./sigv4.ts";

/** The level of the official Server SDKs' protocol that this one speaks. */
export const SDK_VERSION = "5.6.0";
export const SDK_LANGUAGE = "NodeJS";

/** Where a connection leads: the service may move a process to another endpoint, with another token. */
export interface Endpoint {
  readonly url: string;
  readonly authorization: Authorization;
}

/**
 * The address to connect to, a secret: it holds the token. The path stays as it is, a query is replaced.
 * @param idempotencyToken - The same for all tries of one connection, and when it comes back after a break.
 * @param atMs - Wall-clock milliseconds, for a signature.
 */
export function connectUrl(
  endpoint: Endpoint,
  identity: ProcessIdentity,
  idempotencyToken: string,
  atMs: number,
): string {
  const { authorization } = endpoint;
  const ids = {
    computeId: identity.hostId,
    fleetId: identity.fleetId,
    processId: identity.processId,
  };
  const parameters: Record<string, string> = {
    ...(authorization.kind === "token"
      ? { Authorization: authorization.token }
      : {
          Authorization: "SigV4",
          ...signedParameters(ids, authorization.credentials, authorization.region, atMs),
        }),
    ComputeId: ids.computeId,
    FleetId: ids.fleetId,
    IdempotencyToken: idempotencyToken,
    pID: ids.processId,
    sdkLanguage: SDK_LANGUAGE,
    sdkVersion: SDK_VERSION,
  };
  const url = new URL(endpoint.url);
  url.search = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join("&");
  url.hash = "";
  return url.href;
}
