import type { Line } from "../measure/pairs.ts";
import type { CertificateFiles } from "../subjects/certificate-files.ts";
import type { Subject } from "../subjects/subject.ts";
import type { Swarm } from "../swarm/swarm.ts";

/** How much of everything; `--quick` has less. */
export interface Effort {
  /** Fresh processes for each. */
  readonly joinBlocks: number;
  readonly crowdBlocks: number;
  readonly crowdRounds: number;
  readonly streamBlocks: number;
  readonly streamRounds: number;
  readonly windowMs: number;
  readonly warmUpMs: number;
  readonly memoryRounds: number;
}

export const FULL: Effort = {
  joinBlocks: 6,
  crowdBlocks: 4,
  crowdRounds: 20,
  streamBlocks: 4,
  streamRounds: 2,
  windowMs: 3_000,
  warmUpMs: 6_000,
  memoryRounds: 5,
};

export const QUICK: Effort = {
  joinBlocks: 3,
  crowdBlocks: 1,
  crowdRounds: 16,
  streamBlocks: 1,
  streamRounds: 3,
  windowMs: 1_000,
  warmUpMs: 6_000,
  memoryRounds: 3,
};

export interface BenchRun {
  readonly swarm: Swarm;
  readonly effort: Effort;
  /** With it every server and every client speaks TLS. */
  readonly tls: CertificateFiles | undefined;
  say(progress: string): void;
}

/** One family of lines that are measured together. */
export type Family = (run: BenchRun) => Promise<readonly Line[]>;

/** Servers that are started together and end together, whatever happens between. */
export async function withSubjects<Servers extends readonly Subject[], Value>(
  starting: { [Index in keyof Servers]: Promise<Servers[Index]> },
  work: (...servers: Servers) => Promise<Value>,
): Promise<Value> {
  const started = await Promise.allSettled(starting as readonly Promise<Subject>[]);
  const servers = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  try {
    for (const each of started) if (each.status === "rejected") throw each.reason;
    return await work(...(servers as readonly Subject[] as Servers));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
