import { STATSD_LIMITS } from "./limits.ts";

export interface GameLiftSettings {
  readonly statsd: { readonly host: string; readonly port: number };
  readonly crashReporter: { readonly host: string; readonly port: number };
  readonly flushIntervalMs: number;
  readonly packetBytesMax: number;
  /** A sentence for each variable that is not as it should be; its default holds. */
  readonly problems: readonly string[];
}

/**
 * What the variables of GameLift's SDKs say about Amazon's collector: `GAMELIFT_STATSD_HOST` and `_PORT`,
 * `GAMELIFT_CRASH_REPORTER_HOST` and `_PORT`, `GAMELIFT_FLUSH_INTERVAL_MS`, `GAMELIFT_MAX_PACKET_SIZE`. A fleet may set them
 * for all its processes, so a mistake in one costs no game session.
 */
export function gameLiftSettings(
  environment: Readonly<Record<string, string | undefined>>,
): GameLiftSettings {
  const problems: string[] = [];
  const host = (name: string) => {
    const text = environment[name] ?? "";
    if (text === "" || /^[\w.:-]{1,255}$/.test(text)) return text || "127.0.0.1";
    problems.push(`${name} is no host name and no IP address: 127.0.0.1 is used`);
    return "127.0.0.1";
  };
  const integer = (name: string, fallback: number, min: number, max: number) => {
    const text = environment[name] ?? "";
    const value = Number(text);
    if (text === "") return fallback;
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    problems.push(`${name} is no integer from ${min} to ${max}: ${fallback} is used`);
    return fallback;
  };
  const { flushIntervalMs, flushIntervalMsMin, flushIntervalMsMax } = STATSD_LIMITS;
  const { packetBytesMax, packetBytesLeast, packetBytesMost } = STATSD_LIMITS;
  return {
    statsd: {
      host: host("GAMELIFT_STATSD_HOST"),
      port: integer("GAMELIFT_STATSD_PORT", 8_125, 1, 65_535),
    },
    crashReporter: {
      host: host("GAMELIFT_CRASH_REPORTER_HOST"),
      port: integer("GAMELIFT_CRASH_REPORTER_PORT", 8_126, 1, 65_535),
    },
    flushIntervalMs: integer(
      "GAMELIFT_FLUSH_INTERVAL_MS",
      flushIntervalMs,
      flushIntervalMsMin,
      flushIntervalMsMax,
    ),
    packetBytesMax: integer(
      "GAMELIFT_MAX_PACKET_SIZE",
      packetBytesMax,
      packetBytesLeast,
      packetBytesMost,
    ),
    problems,
  };
}
