import { expect } from "vitest";
import { BEFORE_JOIN } from "./before-join-inputs.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { inParallel, percentile, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";
import { visit } from "./stranger.ts";

/** A stranger hangs up when nothing has happened for so long; the patient ones wait for the server. */
const PATIENCE_MS = 150;

/**
 * Hostile frames of every class from strangers, beside an honest player.
 * @param framesPerConnection - At most; the server reads on to the first bad one.
 */
export async function attackBeforeJoin(options: {
  frames: number;
  framesPerConnection: number;
  atOnce: number;
  /** One in so many waits until the server ends the connection, which takes 5 s if he has not said enough. */
  patientOneIn: number;
  controlMs: number;
}): Promise<void> {
  const seed = seedOf("before join");
  const random = new Random(seed);
  const server = await HostileServer.start(random, { players: 2 });
  const honest = await HonestPlayer.join(server);
  // It has led to a seat: nothing that is made of it is worth one.
  const [usedId = ""] = server.ids;
  const kinds = Object.keys(BEFORE_JOIN);
  const leaks: string[] = [];
  const uncut: string[] = [];
  const lastedMs: number[] = [];
  let frames = 0;
  let connections = 0;
  try {
    const control = await honest.undisturbed(options.controlMs);
    const startMs = performance.now();
    const attacked = await honest.during(async () => {
      await inParallel(options.atOnce, options.atOnce, async (lane) => {
        const own = new Random(seed + 1 + lane);
        while (frames < options.frames) {
          const kind = own.pick(kinds);
          const badId = own.chance(0.5) ? usedId : own.word(20);
          const count = 1 + own.below(options.framesPerConnection);
          const hostility = BEFORE_JOIN[kind]!(own, badId, count);
          frames += hostility.frames;
          const isPatient = ++connections % options.patientOneIn === 0;
          const patienceMs = isPatient ? undefined : PATIENCE_MS;
          const verdict = await visit(server.port, hostility.bytes, own, patienceMs);
          if (verdict.leak !== "") leaks.push(`${kind}: ${verdict.leak}`);
          if (!verdict.isCut) uncut.push(kind);
          if (isPatient) lastedMs.push(verdict.lastedMs);
        }
      });
    }, options.controlMs);
    report("before_join", {
      frames,
      connections,
      seconds: Math.round((performance.now() - startMs) / 100) / 10,
      longestMs: percentile(lastedMs, 1),
      control,
      attacked,
      ...server.cpu(),
      logBytes: server.log.length,
    });
    expect(leaks).toEqual([]);
    expect(uncut).toEqual([]);
    expect(server.lives).toBe(true);
    expect(attacked.closeCode).toBeUndefined();
    expect(attacked.missedTicks).toBe(0);
    expect(attacked.frames).toBeGreaterThan(control.frames / 2);
    expect(server.leakedIds).toEqual([]);
  } finally {
    await honest.leave();
    await server.stop();
  }
}
