/**
 * The instance types that the templates offer, with their memory.
 * @module
 */
import { memoryMegabytesOf } from "../gamelift/instance-memory.ts";

const FAMILIES = [
  ...["c5", "c5a", "c6a", "c6i", "c7a", "c7i", "c6g", "c7g"],
  ...["m5", "m6a", "m6i", "m7a", "m7i", "m6g", "m7g"],
];

/** Larger ones have memory to spare for the 50 processes that an instance may have. */
const SIZES = ["large", "xlarge", "2xlarge"] as const;

/** Megabytes by name. */
export const INSTANCE_MEGABYTES: ReadonlyMap<string, number> = new Map(
  FAMILIES.flatMap((family) => SIZES.map((size) => `${family}.${size}`)).map((type) => {
    const megabytes = memoryMegabytesOf(type);
    if (megabytes === undefined) throw new Error(`${type} has a name that says no memory`);
    return [type, megabytes] as const;
  }),
);

/** What `ProcessesPerInstance` may be. */
export const PROCESS_COUNTS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50] as const;

/** What a container may use, megabytes. */
export const CONTAINER_MEGABYTES = [256, 384, 512, 768, 1_024, 2_048] as const;
