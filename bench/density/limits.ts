/** Bounds of what a run takes of the machine, in one place. */
export const DENSITY_LIMITS = {
  /** Of each process of a set, at the most; and what is left to all others. Less free memory than that: a set is left out. */
  bytesPerProcess: 150 * 1024 * 1024,
  bytesLeft: 2 * 1024 * 1024 * 1024,
  /** From the first start of a set to its last process ready; some 20 seconds on a busy core. */
  readyWithinMs: 120_000,
  /** Ports of our processes, one each; fifty on one fleet's instance, and not those of tests. */
  ports: "22000-22099",
} as const;
