import { sleep } from "../../server/clock.ts";
import { isClosedWay } from "../../server/config-values.ts";
import {
  type ComputeApi,
  type ComputeRegistrationRequest,
  isFault,
  type RegisteredCompute,
} from "./compute-api.ts";
import { AnywhereError, AnywhereErrorCode } from "./errors.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import { type CallDeps, withRetries } from "./retry.ts";

export interface ComputeRegistrationDeps extends CallDeps {
  readonly api: ComputeApi;
  readonly fleetId: string;
  readonly compute: ComputeRegistrationRequest;
  /** Whether a compute of this name at another address may be deregistered. */
  readonly mayReplace: boolean;
}

/**
 * This machine's place in the fleet, from RegisterCompute to DeregisterCompute.
 *
 * A compute of the same name was left behind by a supervisor that died, or belongs to another machine. At the same
 * address and location it is kept, since servers of a dead supervisor may still play on it; at another it is left alone
 * unless `mayReplace`.
 */
export class ComputeRegistration {
  readonly #deps: ComputeRegistrationDeps;
  /** True from the moment when GameLift may have the compute because of us. */
  #isOurs = false;

  constructor(deps: ComputeRegistrationDeps) {
    this.#deps = deps;
  }

  /**
   * @returns Where server processes connect.
   * @throws AnywhereError ANYWHERE_NOT_REGISTERED, or ANYWHERE_COMPUTE_TAKEN; the abort's reason when `signal` aborts.
   */
  async open(signal: AbortSignal): Promise<string> {
    try {
      for (let round = 1; ; round++) {
        const endpoint = (await this.#keep(signal)) ?? (await this.#register(signal, round));
        if (endpoint !== undefined) return endpoint;
        await sleep(this.#deps.clock, ANYWHERE_LIMITS.conflictRestMs * 2 ** (round - 1), signal);
      }
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof AnywhereError) throw cause;
      throw notRegistered((cause as Error).message, cause);
    }
  }

  /**
   * Deregisters, unless nothing of ours can be there.
   * @param hurry - Leaves it a few seconds from its abort on.
   * @throws AnywhereError ANYWHERE_NOT_DEREGISTERED when the compute may still be there.
   */
  async close(hurry: AbortSignal): Promise<void> {
    if (!this.#isOurs) return;
    const { clock, compute, report } = this.#deps;
    const late = new AbortController();
    const cancel = clock.after(ANYWHERE_LIMITS.deregisterMs, () => late.abort());
    let cancelHurried = () => {};
    const hurryUp = () => {
      cancelHurried = clock.after(ANYWHERE_LIMITS.deregisterHurriedMs, () => late.abort());
    };
    if (hurry.aborted) hurryUp();
    else hurry.addEventListener("abort", hurryUp, { once: true });
    try {
      await this.#deregister(late.signal);
      this.#isOurs = false;
      report("computeDeregistered", { computeName: compute.computeName });
    } catch (cause) {
      report("computeLeftRegistered", { computeName: compute.computeName, cause });
      throw new AnywhereError(
        AnywhereErrorCode.ANYWHERE_NOT_DEREGISTERED,
        `compute ${compute.computeName} may still be registered: ${(cause as Error).message} Then run: ` +
          `aws gamelift deregister-compute --fleet-id ${this.#deps.fleetId} --compute-name ${compute.computeName}`,
        { cause },
      );
    } finally {
      cancel();
      cancelHurried();
      hurry.removeEventListener("abort", hurryUp);
    }
  }

  /** @returns The endpoint of a compute that is there already and may be kept. */
  async #keep(signal: AbortSignal): Promise<string | undefined> {
    const { api, compute, mayReplace } = this.#deps;
    const found = await withRetries(this.#deps, signal, (each) =>
      api.find(compute.computeName, each),
    );
    if (found === undefined) return undefined;
    if (found.status?.toUpperCase() === "TERMINATING") {
      this.#tell(found, "awaited");
      return undefined;
    }
    const isAtOurPlace = isAtSamePlace(found, compute);
    if (isAtOurPlace && found.sdkEndpoint !== undefined) {
      this.#tell(found, "kept");
      this.#isOurs = true;
      return checkedEndpoint(found.sdkEndpoint);
    }
    if (!isAtOurPlace && !mayReplace) {
      this.#tell(found, "refused");
      throw taken(found, compute);
    }
    this.#tell(found, "deregistered");
    await this.#deregister(signal);
    return undefined;
  }

  /** @returns The endpoint, or `undefined` after a conflict, when it is worth another look. */
  async #register(signal: AbortSignal, round: number): Promise<string | undefined> {
    const { api, compute, report } = this.#deps;
    try {
      const registered = await withRetries(this.#deps, signal, async (each) => {
        try {
          const answer = await api.register(compute, each);
          this.#isOurs = true;
          return answer;
        } catch (error) {
          // A call whose answer is lost may have registered it.
          this.#isOurs ||= isFault(error, "transient");
          throw error;
        }
      });
      const sdkEndpoint = checkedEndpoint(registered.sdkEndpoint);
      report("computeRegistered", { computeName: compute.computeName, sdkEndpoint });
      return sdkEndpoint;
    } catch (cause) {
      if (!isFault(cause, "conflict") || round >= ANYWHERE_LIMITS.conflictRoundsMax) throw cause;
      return undefined;
    }
  }

  async #deregister(signal: AbortSignal): Promise<void> {
    const { api, compute } = this.#deps;
    try {
      await withRetries(this.#deps, signal, (each) => api.deregister(compute.computeName, each));
    } catch (error) {
      // Somebody else was faster, or the answer to an earlier try was lost.
      if (!isFault(error, "notFound")) throw error;
    }
  }

  #tell(found: RegisteredCompute, action: "kept" | "deregistered" | "awaited" | "refused"): void {
    const { status, location, ipAddress, dnsName } = found;
    const registeredAt = found.registeredAt?.toISOString();
    this.#deps.report("computeFound", {
      status,
      location,
      ipAddress,
      dnsName,
      registeredAt,
      action,
    });
  }
}

/** Servers connect there with their token, which must not cross a network in the clear. */
function checkedEndpoint(sdkEndpoint: string | undefined): string {
  if (sdkEndpoint !== undefined && isClosedSocket(sdkEndpoint)) return sdkEndpoint;
  throw notRegistered(
    `GameLift gave no GameLiftServiceSdkEndpoint that is wss, or ws on this machine: ${sdkEndpoint ?? "none"} | What to do: see whether FLEETROOM_AWS_ENDPOINT_URL leads to GameLift.`,
  );
}

function isClosedSocket(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "wss:" || (url.protocol === "ws:" && isClosedWay(url));
}

function isAtSamePlace(found: RegisteredCompute, compute: ComputeRegistrationRequest): boolean {
  return (
    found.location === compute.location &&
    (compute.ipAddress === undefined || found.ipAddress === compute.ipAddress) &&
    (compute.dnsName === undefined || found.dnsName === compute.dnsName)
  );
}

function taken(found: RegisteredCompute, compute: ComputeRegistrationRequest): AnywhereError {
  const at = [found.ipAddress, found.dnsName].filter((part) => part !== undefined).join(" ");
  return new AnywhereError(
    AnywhereErrorCode.ANYWHERE_COMPUTE_TAKEN,
    `compute ${compute.computeName} is registered already, at ${at || "no address"} in ${found.location}, and may be another machine's | What to do: ` +
      "take another FLEETROOM_ANYWHERE_COMPUTE_NAME, or set FLEETROOM_ANYWHERE_REPLACE=1 if this machine had that address before.",
  );
}

function notRegistered(message: string, cause?: unknown): AnywhereError {
  const options = cause === undefined ? undefined : { cause };
  return new AnywhereError(AnywhereErrorCode.ANYWHERE_NOT_REGISTERED, message, options);
}
