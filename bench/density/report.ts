import type { Spread } from "../measure/pairs.ts";
import { IDLE_CPU_PROMISE, type IdleCpu } from "./idle-sets.ts";

export function idleCpuText({ ours, peer, wakeUpsPerSecond, verdict }: IdleCpu): string {
  const { must, aim } = IDLE_CPU_PROMISE;
  const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
  const range = ({ low, median, high }: Spread) =>
    `${percent(median)} (${percent(low)} to ${percent(high)})`;
  return [
    `P13 idle CPU of one process, of a core: ${range(ours)}; at most ${percent(must)} (aim ${percent(aim)}): ${verdict}. Full card: ${range(peer)}.`,
    `  Wake-ups a second: ${wakeUpsPerSecond.ours.median.toFixed(1)}; full card: ${wakeUpsPerSecond.peer.median.toFixed(1)}.`,
  ].join("\n");
}
