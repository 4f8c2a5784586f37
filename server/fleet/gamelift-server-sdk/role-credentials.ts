import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";
import type { FleetRoleCredentials } from "./session-types.ts";

/** Role credentials by role, each fetched once for all who want it, and anew before it expires. */
export class RoleCredentials {
  readonly #clock: SdkClock;
  readonly #fetch: (roleArn: string, sessionName: string) => Promise<FleetRoleCredentials>;
  readonly #known = new Map<string, FleetRoleCredentials>();
  readonly #underWay = new Map<string, Promise<FleetRoleCredentials>>();
  /** The service gave none, as it does where the fleet is not a managed one. */
  #isUnmanaged = false;

  constructor(
    clock: SdkClock,
    fetch: (roleArn: string, sessionName: string) => Promise<FleetRoleCredentials>,
  ) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  async get(roleArn: string, sessionName: string): Promise<FleetRoleCredentials> {
    if (this.#isUnmanaged) throw unmanaged();
    const known = this.#known.get(roleArn);
    const leftMs = (known?.expirationMs ?? 0) - this.#clock.wallMs();
    if (known !== undefined && leftMs > SDK_LIMITS.credentialsLeftMs) return known;
    let fetching = this.#underWay.get(roleArn);
    if (fetching === undefined) {
      fetching = this.#fetched(roleArn, sessionName);
      this.#underWay.set(roleArn, fetching);
    }
    return fetching;
  }

  async #fetched(roleArn: string, sessionName: string): Promise<FleetRoleCredentials> {
    try {
      const credentials = await this.#fetch(roleArn, sessionName);
      if (credentials.accessKeyId === "") {
        this.#isUnmanaged = true;
        throw unmanaged();
      }
      this.#known.set(roleArn, credentials);
      return credentials;
    } finally {
      this.#underWay.delete(roleArn);
    }
  }
}

function unmanaged(): GameLiftError {
  const message = "role credentials are only available on a managed fleet";
  return new GameLiftError(GameLiftErrorName.BadRequest, message);
}
