/**
 * Every bound of CloudWatch's embedded metric format, and of what sends it. Source: the specification, and AWS's own
 * library aws-embedded-metrics 4.2.1.
 */
export const EMF_LIMITS = {
  valuesPerMetricMax: 100,
  dimensionValueCharsMax: 1_024,
  /** Of a property beside the metrics, characters; a game session's id is shorter. */
  propertyCharsMax: 1_024,
  /** Milliseconds from line to line while a game session is here. */
  windowMs: 60_000,
  /** Steps of a minute at 128 Hz; of more a fair sample is kept. */
  ticksMax: 7_680,
  /** Joins and calls of a minute; of more a fair sample is kept. */
  callsMax: 1_024,
  /** What a line may take to the agent, milliseconds. */
  agentTimeoutMs: 2_000,
  /** What the end of a process may wait for its last line, milliseconds. */
  agentCloseMs: 500,
} as const;
