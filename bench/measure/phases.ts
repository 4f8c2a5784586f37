/**
 * What a join runs once is compiled after some 400 calls: with 50 joins a wave in the tenth wave or the eleventh, which take
 * three times as long for it. Until then nearly all of it is interpreted. Ours compiles after 2,000 calls, which is never
 * here and in no match of 200 players (docs/decisions/0011-engine-settings.md).
 */
const SETTLED_FROM = 11;

/** The waves of one process, in order. The first runs code for the first time, and counts nowhere. */
export function phasesOf<Wave>(waves: readonly Wave[]): {
  /** The second to the eleventh. */
  readonly young: readonly Wave[];
  readonly settled: readonly Wave[];
} {
  return { young: waves.slice(1, SETTLED_FROM), settled: waves.slice(SETTLED_FROM) };
}
