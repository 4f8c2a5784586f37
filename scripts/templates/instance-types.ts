/**
 * The instance types that the templates offer, with their memory.
 * @module
 */

/** What the smallest size, `large`, has; each size after it has twice as much. Megabytes, as EC2 states them. */
const LARGE_MEGABYTES = {
  ...{ c5: 4_096, c5a: 4_096, c6a: 4_096, c6i: 4_096, c7a: 4_096, c7i: 4_096 },
  ...{ c6g: 4_096, c7g: 4_096 },
  ...{ m5: 8_192, m6a: 8_192, m6i: 8_192, m7a: 8_192, m7i: 8_192 },
  ...{ m6g: 8_192, m7g: 8_192 },
} as const;

/** Larger ones have memory to spare for the 50 processes that an instance may have. */
const SIZES = ["large", "xlarge", "2xlarge"] as const;

/** Megabytes by name. */
export const INSTANCE_MEGABYTES: ReadonlyMap<string, number> = new Map(
  Object.entries(LARGE_MEGABYTES).flatMap(([family, megabytes]) =>
    SIZES.map((size, index) => [`${family}.${size}`, megabytes * 2 ** index] as const),
  ),
);

/** What `ProcessesPerInstance` may be. */
export const PROCESS_COUNTS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50] as const;

/** What a container may use, megabytes. */
export const CONTAINER_MEGABYTES = [256, 384, 512, 768, 1_024, 2_048] as const;
