/**
 * What a join runs once is compiled after some 400 calls, on all servers alike: with 50 joins a wave in the tenth wave
 * or the eleventh, which take three times as long for it. Until then nearly all of it is interpreted.
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
