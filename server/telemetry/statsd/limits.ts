/** Every bound of what goes to StatsD and to the crash reporter. Times are milliseconds. */
export const STATSD_LIMITS = {
  /** As GameLift's SDKs have it; the collector gathers over as long a time. */
  flushIntervalMs: 10_000,
  /** A process without a game session wakes for it, too. */
  flushIntervalMsMin: 1_000,
  flushIntervalMsMax: 600_000,
  /** As GameLift's SDKs have it. A datagram holds 65,507 bytes at most. */
  packetBytesMax: 512,
  packetBytesLeast: 64,
  packetBytesMost: 65_507,
  /** Steps of ten seconds at 128 Hz; of more a fair sample is kept. */
  observationsMax: 1_280,
  /** Packets that wait for the collector's name to be resolved: a flush is at most one for each line. */
  packetsWaitingMax: 64,
  /** For a name server's answer, and how often each is asked. */
  lookupTimeoutMs: 1_000,
  lookupTries: 2,
  /** For one answer of the crash reporter. */
  crashReporterTimeoutMs: 2_000,
  /** What the end of a process may wait for the crash reporter. */
  crashReporterCloseMs: 500,
  crashReporterCallsWaitingMax: 8,
  /** Of a game session's id; the service's own are shorter. */
  sessionIdCharsMax: 1_024,
} as const;
