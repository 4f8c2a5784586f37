/**
 * The HTTP endpoints that a managed container has of its own: credentials, metadata, and who else runs beside it.
 * @module
 */
import { networkInterfaces } from "node:os";
import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import { SDK_LIMITS } from "./limits.ts";
import type { LocalFetch, SdkEnvironment } from "./sdk-outside.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { member, textMember } from "./wire-members.ts";

const CREDENTIALS_HOST = "http://169.254.170.2";
const CREDENTIALS_PATH = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const METADATA_URL = "ECS_CONTAINER_METADATA_URI_V4";
/** AWS's documentation names the second one, its Go SDK reads the first. */
const DISCOVERY_URLS = [
  "GAMELIFT_CONTAINER_DISCOVERY_SERVER_ENDPOINT",
  "GAMELIFT_CONTAINER_DISCOVERY_SERVER_ENDPOINT_V1",
];

/** One container of the same instance. */
export interface ContainerNetworkInfo {
  readonly containerName: string;
  readonly containerId: string;
  readonly ipAddress: string;
  readonly containerGroupType: "GAME_SERVER" | "PER_INSTANCE";
}

/** @throws GameLiftError InternalService */
export async function readContainerCredentials(
  environment: SdkEnvironment,
  fetch: LocalFetch,
): Promise<AwsCredentials> {
  const path = environment[CREDENTIALS_PATH];
  if (!path) throw failed(`${CREDENTIALS_PATH} is not set, so there are no credentials`);
  const answer = await askJson(`${CREDENTIALS_HOST}${path}`, "credentials", fetch);
  const accessKey = textMember(answer, "AccessKeyId");
  const secretKey = textMember(answer, "SecretAccessKey");
  const sessionToken = textMember(answer, "Token");
  if (accessKey === "" || secretKey === "") {
    throw failed("the container's credentials endpoint gave no keys");
  }
  return { accessKey, secretKey, ...(sessionToken !== "" && { sessionToken }) };
}

/** The last part of the task's ARN. @throws GameLiftError InternalService */
export async function readContainerHostId(
  environment: SdkEnvironment,
  fetch: LocalFetch,
): Promise<string> {
  const url = environment[METADATA_URL];
  if (!url) throw failed(`${METADATA_URL} is not set, so there is no host id`);
  const answer = await askJson(`${url}/task`, "metadata", fetch);
  const taskArn = textMember(answer, "TaskARN");
  if (taskArn === "") throw failed("the container's metadata endpoint gave no TaskARN");
  return taskArn.slice(taskArn.lastIndexOf("/") + 1);
}

/**
 * The container's gateway is asked where no variable names the endpoint.
 * @throws GameLiftError InternalService
 */
export async function listContainersNetworkInfo(
  environment: SdkEnvironment,
  fetch: LocalFetch,
): Promise<readonly ContainerNetworkInfo[]> {
  const named = DISCOVERY_URLS.map((name) => environment[name]).find(Boolean);
  const base = named ?? gatewayUrl();
  if (!base) throw failed(`${DISCOVERY_URLS[0]} is not set, and there is no gateway to ask`);
  const answer = await askJson(`${base.replace(/\/+$/, "")}/v1/`, "discovery", fetch);
  if (!Array.isArray(answer)) throw failed("the container's discovery endpoint gave no list");
  return answer.map((entry: unknown) => ({
    containerName: textMember(entry, "containerName"),
    containerId: textMember(entry, "containerId"),
    ipAddress: textMember(entry, "ipAddress"),
    containerGroupType:
      member(entry, "containerGroupType") === "PER_INSTANCE" ? "PER_INSTANCE" : "GAME_SERVER",
  }));
}

async function askJson(url: string, what: string, fetch: LocalFetch): Promise<unknown> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(SDK_LIMITS.containerTimeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    if (text.length > SDK_LIMITS.containerAnswerCharsMax) throw new Error("it answered too much");
    return JSON.parse(text);
  } catch (cause) {
    // A parser's message may repeat what it read, which holds keys.
    const isParser = cause instanceof SyntaxError;
    throw failed(
      `the container's ${what} endpoint ${isParser ? "gave no JSON" : "cannot be asked"}`,
      isParser ? undefined : cause,
    );
  }
}

function failed(problem: string, cause?: unknown): GameLiftError {
  return new GameLiftError(GameLiftErrorName.InternalService, problem, { cause });
}

/** A container's gateway is the first address of its network. */
function gatewayUrl(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  return own && `http://${own.address.replace(/\.\d+$/, ".1")}:4092`;
}
