/**
 * Who this process is towards the service: parameters, which the environment overrides, as the official SDKs have it.
 * @module
 */
import { readContainerCredentials, readContainerHostId } from "./container-endpoints.ts";
import { validationError } from "./errors.ts";
import type { LocalFetch, SdkEnvironment } from "./sdk-outside.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { checkAll, checkText, checkWebSocketUrl } from "./validation.ts";

/** Every one may come from the environment instead. */
export interface ServerParameters {
  /** `GAMELIFT_SDK_WEBSOCKET_URL`: `wss://…`, or `ws://` where a test or an emulator listens. */
  readonly webSocketUrl?: string;
  /** `GAMELIFT_SDK_PROCESS_ID`: unique for each run of a process. */
  readonly processId?: string;
  /** `GAMELIFT_SDK_HOST_ID`: the name of the compute. */
  readonly hostId?: string;
  /** `GAMELIFT_SDK_FLEET_ID` */
  readonly fleetId?: string;
  /** `GAMELIFT_SDK_AUTH_TOKEN`; before AWS credentials where both are given. */
  readonly authToken?: string;
  /** `GAMELIFT_REGION`, with the three below: instead of a token. */
  readonly awsRegion?: string;
  /** `GAMELIFT_ACCESS_KEY` */
  readonly accessKey?: string;
  /** `GAMELIFT_SECRET_KEY` */
  readonly secretKey?: string;
  /** `GAMELIFT_SESSION_TOKEN`; only temporary credentials have one. */
  readonly sessionToken?: string;
}

export type Authorization =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "sigv4"; readonly credentials: AwsCredentials; readonly region: string };

/** Judged and complete. */
export interface ProcessIdentity {
  readonly webSocketUrl: string;
  readonly processId: string;
  readonly hostId: string;
  readonly fleetId: string;
  readonly authorization: Authorization;
  readonly isContainer: boolean;
  /** For `ActivateServerProcess`; both or none. */
  readonly tool: { readonly name: string; readonly version: string } | undefined;
}

/** GameLift's name for a container's process that no agent started. */
const NO_AGENT = "ManagedResource";

/**
 * Puts parameters and environment together. In a managed container without a token the credentials and the host id come
 * from the container's own endpoints.
 * @throws GameLiftError Validation with everything that is wrong; InternalService when a container's endpoint fails.
 */
export async function resolveIdentity(
  parameters: ServerParameters,
  environment: SdkEnvironment,
  outside: { fetch: LocalFetch; newId: () => string },
): Promise<ProcessIdentity> {
  const given = (name: string, parameter?: string) => environment[name] || parameter || "";
  const isContainer = environment["GAMELIFT_COMPUTE_TYPE"] === "CONTAINER";
  const token = given("GAMELIFT_SDK_AUTH_TOKEN", parameters.authToken);
  const region = given("GAMELIFT_REGION", parameters.awsRegion);
  const isFromContainer = isContainer && token === "";
  const webSocketUrl = given("GAMELIFT_SDK_WEBSOCKET_URL", parameters.webSocketUrl);
  const fleetId = given("GAMELIFT_SDK_FLEET_ID", parameters.fleetId);
  let hostId = given("GAMELIFT_SDK_HOST_ID", parameters.hostId);
  let processId = given("GAMELIFT_SDK_PROCESS_ID", parameters.processId);
  if (processId === NO_AGENT) processId = outside.newId();
  let credentials = keysOf(given, parameters);
  checkAll([
    () => checkWebSocketUrl(webSocketUrl),
    () => checkText("processId", "processId", processId),
    () => checkText("fleetId", "fleetId", fleetId),
    () => (isFromContainer && hostId === "" ? undefined : checkText("hostId", "hostId", hostId)),
    () => checkAuthorization(token, region, credentials, isFromContainer),
  ]);
  if (isFromContainer) {
    credentials ??= await readContainerCredentials(environment, outside.fetch);
    if (hostId === "") hostId = await readContainerHostId(environment, outside.fetch);
    checkText("hostId", "hostId", hostId);
  }
  return {
    webSocketUrl,
    processId,
    hostId,
    fleetId,
    authorization:
      token !== "" || credentials === undefined
        ? { kind: "token", token }
        : { kind: "sigv4", credentials, region },
    isContainer,
    tool: toolOf(environment),
  };
}

function keysOf(
  given: (name: string, parameter?: string) => string,
  parameters: ServerParameters,
): AwsCredentials | undefined {
  const accessKey = given("GAMELIFT_ACCESS_KEY", parameters.accessKey);
  const secretKey = given("GAMELIFT_SECRET_KEY", parameters.secretKey);
  const sessionToken = given("GAMELIFT_SESSION_TOKEN", parameters.sessionToken);
  if (accessKey === "" || secretKey === "") return undefined;
  return { accessKey, secretKey, ...(sessionToken !== "" && { sessionToken }) };
}

function checkAuthorization(
  token: string,
  region: string,
  credentials: AwsCredentials | undefined,
  isFromContainer: boolean,
): void {
  if (token !== "") return;
  if (region === "") {
    throw validationError("authToken must be given, or awsRegion with accessKey and secretKey");
  }
  if (credentials === undefined && !isFromContainer) {
    throw validationError("accessKey and secretKey must be given with awsRegion, or authToken");
  }
}

function toolOf(environment: SdkEnvironment): ProcessIdentity["tool"] {
  const name = environment["GAMELIFT_SDK_TOOL_NAME"];
  const version = environment["GAMELIFT_SDK_TOOL_VERSION"];
  return name && version ? { name, version } : undefined;
}
