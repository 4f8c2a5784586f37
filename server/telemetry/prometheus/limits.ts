export const PROMETHEUS_LIMITS = {
  /** Series of one process, whatever clients do. Twenty processes on an instance are then 10,000, which a scraper bears. */
  seriesMax: 500,
  /** How far apart the event loop's delay is measured where no steps show it, milliseconds. */
  loopDelayResolutionMs: 50,
} as const;
