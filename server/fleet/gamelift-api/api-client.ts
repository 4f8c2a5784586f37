import type { Readable } from "node:stream";
import { DescribePlayerSessionsCommand, GameLiftClient } from "@aws-sdk/client-gamelift";
import type { Clock } from "../../clock.ts";
import { ApiFailure, apiFailure } from "./api-failure.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";
import { rotatingCredentials } from "./rotating-credentials.ts";

/** One page of DescribePlayerSessions, by the API's own names. */
export interface DescribeRequest {
  readonly GameSessionId?: string;
  readonly PlayerSessionId?: string;
  readonly PlayerSessionStatusFilter?: string;
  readonly Limit?: number;
  readonly NextToken?: string;
}

/** As it came, so nothing is certain of it. */
export interface DescribeAnswer {
  readonly PlayerSessions?: unknown;
  readonly NextToken?: unknown;
}

/** The one operation of Amazon GameLift's API that this server calls. */
export interface ApiClient {
  /**
   * Sends one request; never a second one. Settles when `signal` aborts, and cuts the connection then.
   * @throws ApiFailure
   */
  describe(request: DescribeRequest, signal: AbortSignal): Promise<DescribeAnswer>;
  /** Finds out whether there is anything to sign with. @throws ApiFailure `no_credentials` */
  findCredentials(signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Sets the AWS SDK up so that one call is one request: its own repetitions would not be in the budget.
 * @param options - `endpointUrl` is `""` for the Region's own. With `credentialsFile` `""` the AWS SDK looks for
 *   credentials as it always does: environment, shared files, container, instance.
 */
export function openApiClient(options: {
  region: string;
  endpointUrl: string;
  credentialsFile: string;
  profile: string;
  clock: Clock;
}): ApiClient {
  const { region, endpointUrl, credentialsFile: file, profile, clock } = options;
  const closed = new AbortController();
  const client = new GameLiftClient({
    region,
    maxAttempts: 1,
    // Whatever the environment says: "adaptive" paces calls by a rule of its own, "auto" asks the instance where it is.
    retryMode: "standard",
    defaultsMode: "standard",
    ...(endpointUrl !== "" && { endpoint: endpointUrl }),
    ...(file !== "" && {
      credentials: rotatingCredentials({ file, profile, clock, signal: closed.signal }),
    }),
  });
  return {
    describe: (request, signal) => describe(client, request, signal),
    async findCredentials(signal) {
      try {
        await untilAborted(client.config.credentials(), signal);
      } catch (error) {
        if (error instanceof ApiFailure) throw error;
        throw new ApiFailure("no_credentials", apiFailure(error, undefined).message);
      }
    },
    close() {
      closed.abort();
      client.destroy();
    },
  };
}

async function describe(
  client: GameLiftClient,
  request: DescribeRequest,
  signal: AbortSignal,
): Promise<DescribeAnswer> {
  let status: number | undefined;
  const command = new DescribePlayerSessionsCommand(request);
  // The step next to the wire: the AWS SDK would read an answer of any size, and forgets the status of one it cannot read.
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: Readable | Uint8Array };
      status = response.statusCode;
      response.body = await wholeBody(response.body as Readable);
      return result;
    },
    { step: "deserialize", priority: "low", name: "boundedAnswer" },
  );
  try {
    return await untilAborted(client.send(command, { abortSignal: signal }), signal);
  } catch (error) {
    throw apiFailure(error, status);
  }
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function wholeBody(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > GAMELIFT_API_LIMITS.answerBytesMax) {
      throw new ApiFailure("unusable", "the answer is too long");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The AWS SDK heeds a signal only once it has credentials, and those may take their time. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new ApiFailure("silent", "no answer in time"));
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const done = () => signal.removeEventListener("abort", giveUp);
    void work.then(resolve, reject).finally(done);
  });
}
