import { fromIni } from "@aws-sdk/credential-provider-ini";
import { type Clock, sleep } from "../../clock.ts";
import { ApiFailure } from "./api-failure.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";

/** What signs a call. Secrets, all of them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they are to be asked for again. */
  readonly expiration?: Date;
}

type CredentialsProvider = () => Promise<Credentials>;

/**
 * Credentials from a file that somebody else keeps rewriting, as GameLift does with those of a fleet's role. The AWS SDK
 * alone reads such a file once per process and goes on signing with what it found, until all calls fail.
 *
 * Each set is given out with a short time to live. The AWS SDK asks anew five minutes before the end of that, so it asks
 * for every call, which costs two reads of a small file.
 *
 * @param options - `file` is the only one that is read. `signal` ends all waiting.
 * @returns Throws ApiFailure `no_credentials` when the file holds none, after a bounded wait for it.
 */
export function rotatingCredentials(options: {
  file: string;
  profile: string;
  clock: Clock;
  signal: AbortSignal;
}): CredentialsProvider {
  const { file, profile, clock, signal } = options;
  // A later config file would be merged into the credentials file; naming the same one twice leaves others out.
  const read = fromIni({ filepath: file, configFilepath: file, profile, ignoreCache: true });
  let waitMs: number = GAMELIFT_API_LIMITS.credentialsWaitMs;
  return async () => {
    const giveUpAtMs = clock.nowMs() + waitMs;
    for (;;) {
      const credentials = await read().catch(() => undefined); // Its error may hold what the file says.
      if (credentials !== undefined) {
        waitMs = GAMELIFT_API_LIMITS.credentialsReturnMs;
        return { ...credentials, expiration: soonest(clock, credentials.expiration) };
      }
      if (signal.aborted || clock.nowMs() >= giveUpAtMs) {
        throw new ApiFailure("no_credentials", `none of profile ${profile} in ${file}`);
      }
      await sleep(clock, GAMELIFT_API_LIMITS.credentialsLookMs, signal);
    }
  };
}

function soonest(clock: Clock, expiration: Date | undefined): Date {
  const ownMs = clock.wallMs() + GAMELIFT_API_LIMITS.credentialsAgeMs;
  return new Date(Math.min(ownMs, expiration?.getTime() ?? Number.POSITIVE_INFINITY));
}
