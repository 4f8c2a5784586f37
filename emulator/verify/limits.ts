/**
 * Every limit of verify mode. Times are milliseconds of real time.
 * @module
 */
export const VERIFY_LIMITS = {
  /** Longest wait for what the service names no time for, unless told otherwise. */
  patienceMs: 30_000,
  /** From TerminateProcess to its deadline, unless told otherwise; a spot interruption leaves 120 s, a scale-in 300 s. */
  terminationMs: 30_000,
  /** A first heartbeat later than this is told: no game session comes before it. The official SDKs send it at once. */
  firstReportSoonMs: 5_000,
  /** Heartbeats closer than this are more than anybody reads. */
  reportMsMin: 1_000,
  /** A client that was let in is watched for so long before it counts as one who stays. */
  stayMs: 1_500,
  /** What a server does in answer to a push that asks for nothing, it has done by then. */
  settleMs: 1_000,
  /** An answer that is to be on its way while the connection moves is late by so much. */
  heldMs: 300,
  /** How long an old connection may stay open after RefreshConnection; the Go SDK drains it for 5 s. */
  oldConnectionMs: 8_000,
  /** A process that was sent away with 1001 is watched for so long. */
  dismissalMs: 5_000,
  /** A client that was told to leave is killed after so long. */
  clientLeaveMs: 5_000,
  /** A process that was killed is gone by then. */
  killMs: 5_000,
  /** One TCP connection to the game port. */
  probeMs: 2_000,
  probeRestMs: 100,
  /** A server that says nothing about its port is tried for so long: some say that they are ready and listen then. */
  listenMs: 5_000,
  /** Requests of one action, or entries of another kind, that are recorded of one life. */
  sameEntriesMax: 2_000,
  /** Lines of the server's output that the report shows, and characters of each. */
  outputLinesMax: 40,
  outputLineCharsMax: 2_000,
  /** Longer than every token and id. */
  secretCharsMax: 512,
  /** Characters of a request's text members that are recorded; longer ones are cut. */
  memberCharsMax: 512,
  /** Items of a request's lists that are recorded. */
  memberItemsMax: 64,
  /** Places in the game session that is created. */
  playersMax: 8,
  /** The service's own bound. */
  matchmakerDataCharsMax: 390_000,
  /** Port numbers that the service allows. */
  portMin: 1_026,
  portMax: 60_000,
  logPathCharsMax: 4_096,
} as const;
