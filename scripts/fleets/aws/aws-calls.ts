/**
 * {@link Calls} by the AWS SDK.
 * @module
 */
import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import * as GameLift from "@aws-sdk/client-gamelift";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { openCredentials } from "../../anywhere/aws/credentials.ts";
import type { CallName, Calls, Input, Output, Upload } from "../calls.ts";
import { FleetsError, FleetsErrorCode } from "../errors.ts";
import { callFailed } from "./faults.ts";

export interface AwsCallsOptions {
  readonly region: string;
  readonly endpointUrl: string | undefined;
  readonly credentials: Awaited<ReturnType<typeof openCredentials>>;
}

/** Repeated by the SDK when nothing was heard. What creates something is sent once: it might be there twice. */
const ATTEMPTS_MAX = 5;
const CREATING: readonly CallName[] = ["CreateBuild", "CreateFleet", "CreateAlias"];

const COMMANDS = {
  CreateBuild: GameLift.CreateBuildCommand,
  RequestUploadCredentials: GameLift.RequestUploadCredentialsCommand,
  DescribeBuild: GameLift.DescribeBuildCommand,
  ListFleets: GameLift.ListFleetsCommand,
  CreateFleet: GameLift.CreateFleetCommand,
  DeleteFleet: GameLift.DeleteFleetCommand,
  DescribeFleetAttributes: GameLift.DescribeFleetAttributesCommand,
  DescribeFleetEvents: GameLift.DescribeFleetEventsCommand,
  DescribeFleetLocationAttributes: GameLift.DescribeFleetLocationAttributesCommand,
  DescribeFleetLocationCapacity: GameLift.DescribeFleetLocationCapacityCommand,
  DescribeFleetPortSettings: GameLift.DescribeFleetPortSettingsCommand,
  DescribeRuntimeConfiguration: GameLift.DescribeRuntimeConfigurationCommand,
  DescribeScalingPolicies: GameLift.DescribeScalingPoliciesCommand,
  PutScalingPolicy: GameLift.PutScalingPolicyCommand,
  UpdateFleetCapacity: GameLift.UpdateFleetCapacityCommand,
  UpdateFleetAttributes: GameLift.UpdateFleetAttributesCommand,
  StopFleetActions: GameLift.StopFleetActionsCommand,
  DescribeGameSessions: GameLift.DescribeGameSessionsCommand,
  DescribeGameSessionQueues: GameLift.DescribeGameSessionQueuesCommand,
  CreateAlias: GameLift.CreateAliasCommand,
  ListAliases: GameLift.ListAliasesCommand,
  DescribeAlias: GameLift.DescribeAliasCommand,
  UpdateAlias: GameLift.UpdateAliasCommand,
} as const satisfies Record<CallName, unknown>;

/** The SDK would write a line of its own about an upload that failed. */
const nothing = (): void => {};
const SILENCE = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Of the SDK's many overloads, the one thing that is used. */
interface Sender {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<never>;
}

export class AwsCalls implements Calls {
  readonly isDryRun = false;
  readonly #options: AwsCallsOptions;
  readonly #once: GameLift.GameLiftClient;
  readonly #often: GameLift.GameLiftClient;

  constructor(options: AwsCallsOptions) {
    this.#options = options;
    const { region, endpointUrl, credentials } = options;
    const client = (maxAttempts: number) =>
      new GameLift.GameLiftClient({
        region,
        maxAttempts,
        ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
        ...(credentials === undefined ? {} : { credentials }),
      });
    this.#once = client(1);
    this.#often = client(ATTEMPTS_MAX);
  }

  async call<Name extends CallName>(
    name: Name,
    input: Input<Name>,
    signal: AbortSignal,
  ): Promise<Output<Name>> {
    const client = (CREATING.includes(name) ? this.#once : this.#often) as unknown as Sender;
    const Command = COMMANDS[name] as unknown as new (input: Input<Name>) => unknown;
    try {
      signal.throwIfAborted();
      return await client.send(new Command(input), { abortSignal: signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw callFailed({ operation: name, ...this.#options }, cause);
    }
  }

  async upload(upload: Upload, signal: AbortSignal): Promise<void> {
    const { file, sizeBytes, bucket, key, sent, ...credentials } = upload;
    using client = uploadClient(this.#options, credentials);
    const source = createReadStream(file);
    const body = countingBytes(sent);
    // The SDK does not hear it: it would wait for the rest for ever.
    const unreadable = new AbortController();
    source.on("error", (cause) => unreadable.abort(cause));
    try {
      signal.throwIfAborted();
      const object = { Bucket: bucket, Key: key, ContentLength: sizeBytes };
      const command = new PutObjectCommand({ ...object, Body: source.pipe(body) });
      const either = AbortSignal.any([signal, unreadable.signal]);
      await client.s3.send(command, { abortSignal: either });
    } catch (cause) {
      signal.throwIfAborted();
      if (unreadable.signal.aborted) throw cannotBeRead(file, unreadable.signal.reason);
      throw callFailed({ operation: "PutObject", ...this.#options }, cause);
    } finally {
      source.destroy();
      body.destroy();
    }
  }

  /** Lets go of the connections that were kept. */
  [Symbol.dispose](): void {
    this.#once.destroy();
    this.#often.destroy();
  }
}

function cannotBeRead(file: string, cause: unknown): FleetsError {
  const { code = "" } = cause as NodeJS.ErrnoException;
  const words = `${file} cannot be read any more (${code}).\n  What to do: make the build again and upload that.`;
  return new FleetsError(FleetsErrorCode.FLEETS_ZIP_INVALID, words, { cause });
}

function uploadClient(
  { region, endpointUrl }: AwsCallsOptions,
  credentials: Pick<Upload, "accessKeyId" | "secretAccessKey" | "sessionToken">,
) {
  const s3 = new S3Client({
    region,
    credentials,
    // A stream is read once; whoever calls opens it anew, and tells of it.
    maxAttempts: 1,
    logger: SILENCE,
    // A checksum behind the body would have it sent in chunks of AWS's own making; S3 makes one of its own.
    requestChecksumCalculation: "WHEN_REQUIRED",
    ...(endpointUrl !== undefined && isOfThisMachine(endpointUrl)
      ? { endpoint: endpointUrl, forcePathStyle: true }
      : {}),
  });
  return { s3, [Symbol.dispose]: () => s3.destroy() };
}

/** The emulator takes uploads at its one port; an endpoint of GameLift in a network of one's own does not. */
function isOfThisMachine(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

function countingBytes(sent: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length;
      sent(bytes);
      next(null, chunk);
    },
  });
}
