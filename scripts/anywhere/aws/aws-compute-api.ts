import {
  type Compute,
  DeregisterComputeCommand,
  GameLiftClient,
  GetComputeAuthTokenCommand,
  ListComputeCommand,
  RegisterComputeCommand,
} from "@aws-sdk/client-gamelift";
import { untilAborted } from "../../../server/session/until-aborted.ts";
import {
  type ComputeApi,
  ComputeCallError,
  type ComputeOperation,
  type ComputeRegistrationRequest,
  type ComputeToken,
  type RegisteredCompute,
} from "../compute-api.ts";
import { ANYWHERE_LIMITS } from "../limits.ts";
import type { openCredentials } from "./credentials.ts";
import { toCallError } from "./faults.ts";

/** The service tells its time in whole seconds; less than this is no wrong clock. */
const CLOCK_NOISE_MS = 5_000;

export interface AwsComputeApiOptions {
  readonly fleetId: string;
  readonly region: string;
  readonly endpointUrl: string | undefined;
  readonly credentials: Awaited<ReturnType<typeof openCredentials>>;
}

/** {@link ComputeApi} on the AWS SDK. Retries are the caller's: here every call is one request. */
export class AwsComputeApi implements ComputeApi, Disposable {
  readonly #client: GameLiftClient;
  readonly #options: AwsComputeApiOptions;

  constructor(options: AwsComputeApiOptions) {
    this.#options = options;
    const { region, endpointUrl, credentials } = options;
    this.#client = new GameLiftClient({
      region,
      maxAttempts: 1,
      ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  async find(computeName: string, signal: AbortSignal): Promise<RegisteredCompute | undefined> {
    let NextToken: string | undefined;
    for (let page = 0; page < ANYWHERE_LIMITS.computePagesMax; page++) {
      const token = NextToken;
      const answer = await this.#call("ListCompute", signal, (options) =>
        this.#client.send(
          new ListComputeCommand({
            FleetId: this.#options.fleetId,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          options,
        ),
      );
      const found = answer.ComputeList?.find((compute) => compute.ComputeName === computeName);
      if (found !== undefined) return registeredCompute(computeName, found);
      if (!answer.NextToken) return undefined;
      NextToken = answer.NextToken;
    }
    throw this.#broken("ListCompute", `more than ${ANYWHERE_LIMITS.computePagesMax} pages`);
  }

  async register(
    request: ComputeRegistrationRequest,
    signal: AbortSignal,
  ): Promise<RegisteredCompute> {
    const { computeName, location, ipAddress, dnsName } = request;
    const answer = await this.#call("RegisterCompute", signal, (options) =>
      this.#client.send(
        new RegisterComputeCommand({
          FleetId: this.#options.fleetId,
          ComputeName: computeName,
          Location: location,
          ...(ipAddress === undefined ? {} : { IpAddress: ipAddress }),
          ...(dnsName === undefined ? {} : { DnsName: dnsName }),
        }),
        options,
      ),
    );
    return registeredCompute(computeName, answer.Compute ?? {});
  }

  async token(computeName: string, signal: AbortSignal): Promise<ComputeToken> {
    const answer = await this.#call("GetComputeAuthToken", signal, (options) =>
      this.#client.send(
        new GetComputeAuthTokenCommand({
          FleetId: this.#options.fleetId,
          ComputeName: computeName,
        }),
        options,
      ),
    );
    const { AuthToken, ExpirationTimestamp } = answer;
    const expiresAtMs = ExpirationTimestamp?.getTime() ?? Number.NaN;
    if (!AuthToken || Number.isNaN(expiresAtMs)) {
      throw this.#broken("GetComputeAuthToken", "an answer without token or expiry");
    }
    // The SDK corrects its signatures when this machine's clock is wrong; the expiry needs the same correction.
    const aheadMs = this.#client.config.systemClockOffset;
    const isWrong = Math.abs(aheadMs) > CLOCK_NOISE_MS;
    return { text: AuthToken, expiresAtMs: isWrong ? expiresAtMs - aheadMs : expiresAtMs };
  }

  async deregister(computeName: string, signal: AbortSignal): Promise<void> {
    await this.#call("DeregisterCompute", signal, (options) =>
      this.#client.send(
        new DeregisterComputeCommand({ FleetId: this.#options.fleetId, ComputeName: computeName }),
        options,
      ),
    );
  }

  /** Lets go of the connections that were kept. */
  [Symbol.dispose](): void {
    this.#client.destroy();
  }

  async #call<Answer>(
    operation: ComputeOperation,
    signal: AbortSignal,
    send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      signal.throwIfAborted();
      // Credentials are looked for before the request, and that does not heed the signal.
      return await untilAborted(send({ abortSignal: signal }), signal);
    } catch (error) {
      throw toCallError({ operation, ...this.#options }, error, signal.aborted);
    }
  }

  #broken(operation: ComputeOperation, what: string): ComputeCallError {
    return new ComputeCallError(
      operation,
      "transient",
      `${operation}: ${what} | What to do: see whether FLEETROOM_AWS_ENDPOINT_URL leads to GameLift.`,
    );
  }
}

function registeredCompute(computeName: string, compute: Compute): RegisteredCompute {
  return {
    computeName,
    status: compute.ComputeStatus,
    location: compute.Location,
    ipAddress: compute.IpAddress,
    dnsName: compute.DnsName,
    registeredAt: compute.CreationTime,
    sdkEndpoint: compute.GameLiftServiceSdkEndpoint,
  };
}
