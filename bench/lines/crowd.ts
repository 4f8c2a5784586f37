import { setTimeout as delay } from "node:timers/promises";
import { lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { costOf } from "../measure/process-cost.ts";
import {
  type RoomSettings,
  SERVER_CORE,
  type Subject,
  startColyseus,
  startFleetroom,
} from "../subjects/subject.ts";
import { type BenchRun, type Family, withSubjects } from "./bench-run.ts";

/**
 * Players with so much state that 200 of them exceed the 16 KB of Colyseus's encoder. Patches are rare, so that what is
 * measured is the join and not the news of it to 200 others; the median leaves out the waves that a patch fell into.
 */
const ROOM: RoomSettings = { seats: 1_000, patchMs: 400, profileChars: 48 };
const FEW = 10;
const MANY = 200;
const WAVE = 10;
/** First waves of a process that do not count. */
const WARM_UP_WAVES = 3;
const SETTLE_MS = 10;
const REST_MS = 100;

/** A stock join into a room of 200 against one into a room of 10, on ours and on plain Colyseus. */
export const crowd: Family = (run) => crowdOf(MANY)(run);

/** The same with another number. */
export const crowdOf =
  (many: number): Family =>
  async (run) => {
    const ours: Pair[] = [];
    const colyseus: Pair[] = [];
    for (let block = 1; block <= run.effort.crowdBlocks; block++) {
      run.say(`joins into ${FEW} and ${many}, block ${block} of ${run.effort.crowdBlocks}`);
      ours.push(...(await blockOf(run, startFleetroom, many)));
      colyseus.push(...(await blockOf(run, startColyseus, many)));
    }
    const plan = { unit: "ms CPU", digits: 3, oursName: `into ${many}`, peerName: `into ${FEW}` };
    return [
      lineOf(
        {
          ...plan,
          id: "crowd.ours",
          title: `stock join into a room of ${many}, ours`,
          promised: { direction: "at most", must: 1.5, aim: 1.3 },
        },
        ours,
      ),
      lineOf({ ...plan, id: "crowd.colyseus", title: "the same, plain Colyseus" }, colyseus),
    ];
  };

function blockOf(run: BenchRun, start: typeof startFleetroom, many: number): Promise<Pair[]> {
  const { swarm, tls } = run;
  const starting = [start(ROOM, tls), start(ROOM, tls)] as const;
  return withSubjects<[Subject, Subject], Pair[]>([...starting], async (few, full) => {
    // Both have seen as many joins before the first that counts.
    await swarm.open("few", few, "stock", many, 25);
    await swarm.close("few");
    await swarm.open("few", few, "stock", FEW);
    await swarm.open("many", full, "stock", many, 25);
    for (let wave = 0; wave < WARM_UP_WAVES; wave++) {
      await waveInto(run, few);
      await waveInto(run, full);
    }
    const pairs: Pair[] = [];
    for (let round = 0; round < run.effort.crowdRounds; round++) {
      const peer = await waveInto(run, few);
      const ours = await waveInto(run, full);
      const peerAgain = await waveInto(run, few);
      pairs.push({ ours, peer, peerAgain });
    }
    await swarm.close("few");
    await swarm.close("many");
    return pairs;
  });
}

async function waveInto({ swarm }: BenchRun, server: Subject): Promise<Measured> {
  const cost = await costOf(server, SERVER_CORE, async () => {
    await swarm.open("wave", server, "stock", WAVE);
    await delay(SETTLE_MS);
  });
  await swarm.close("wave");
  await delay(REST_MS);
  return { value: cost.cpuMs / WAVE, cost };
}
