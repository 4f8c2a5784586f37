import { describe, expect, it } from "vitest";
import { pause, percentile, report } from "../hostile/report.ts";
import { Attendance } from "../support/attendance.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import type { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";

const OUTAGE_MS = 60_000;
/** So that both ends are compared by the soonest of many ticks. */
const CALM_MS = 4_000;
const TICK_RATE_HZ = 10;
const RECONNECT_SECONDS = 15;
/** Longest wait for whatever the service missed, once it is back. */
const MADE_UP_WITHIN_MS = 35_000;
const REFUSED_WITHIN_MS = 5_500;
const BACK_WITHIN_MS = 1_000;
const TRY_AGAIN = 4403;
const TRY_AGAIN_AFTER_MS = 1_000;
const DRAINED = 4413;

interface Outage {
  begin(service: GameLiftService): Promise<void>;
  end(service: GameLiftService): Promise<void>;
}

const OUTAGES: Readonly<Record<string, Outage>> = {
  refused: {
    async begin(service) {
      await service.refuse("connection");
      service.cut("reset");
    },
    end: (service) => service.refuse("off"),
  },
  "a black hole": {
    begin: async (service) => service.blackHole(true),
    end: async (service) => service.blackHole(false),
  },
  "500s": {
    async begin(service) {
      service.faults.answerWith("*", { statusCode: 500, errorMessage: "Internal failure" });
      await service.refuse(500);
    },
    async end(service) {
      service.faults.answerWith("*", "off");
      await service.refuse("off");
    },
  },
  // Everything takes effect at once, and the answer comes when nobody waits for it any more.
  slow: {
    begin: async (service) => service.faults.delay(25_000),
    end: async (service) => service.faults.delay(0),
  },
};

const pauseUntil = (atMs: number) => pause(Math.max(0, atMs - performance.now()));

/** One match that lives through an outage, and what its people did and saw. */
class Ordeal {
  readonly match: GameLiftMatch;
  readonly refusals: { readonly code: number; readonly ms: number }[] = [];
  readonly returnsMs: number[] = [];
  /** Monotonic milliseconds. */
  beginMs = 0;
  endMs = 0;

  constructor(match: GameLiftMatch) {
    this.match = match;
  }

  /** Runs `work` so long after the beginning of the outage. */
  async at(ms: number, work: () => unknown): Promise<void> {
    await pauseUntil(this.beginMs + ms);
    await work();
  }

  /** A newcomer, who is told to try again and does. */
  async knock(id: string): Promise<void> {
    for (let tries = 0; tries < 2; tries++) {
      const startMs = performance.now();
      const answer = await LightPlayer.join({ port: this.match.port, transport: "tcp" }, id);
      const code = typeof answer === "number" ? answer : 0;
      this.refusals.push({ code, ms: performance.now() - startMs });
      await pause(TRY_AGAIN_AFTER_MS);
    }
  }

  /** His connection breaks, and he comes back with his token. */
  async dropAndReturn(player: LightPlayer, transport: "tcp" | "ws"): Promise<void> {
    player.drop();
    await pause(300);
    const startMs = performance.now();
    const back = await LightPlayer.return({ port: this.match.port, transport }, player.token);
    if (typeof back === "number") throw new Error(`a token was refused with ${back}`);
    this.match.tokens.push(back.token);
    expect(back.seat).toBe(player.seat);
    this.returnsMs.push(performance.now() - startMs);
  }

  /**
   * Tries until it has an answer that does not say "try again".
   * @returns After how long since the end of the outage he had his seat; infinite when he got none.
   */
  async seatedAfterMs(id: string): Promise<number> {
    while (performance.now() < this.endMs + MADE_UP_WITHIN_MS) {
      const answer = await LightPlayer.join({ port: this.match.port, transport: "tcp" }, id);
      if (typeof answer !== "number") return performance.now() - this.endMs;
      if (answer !== TRY_AGAIN) break;
      await pause(TRY_AGAIN_AFTER_MS);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** @returns After how long since the end of the outage it was so; infinite when it took too long. */
  async afterMs(happened: Promise<unknown>): Promise<number> {
    try {
      await happened;
      return Math.round(performance.now() - this.endMs);
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  sessionOf(name: string) {
    const { service, arn } = this.match;
    const [session] = service.playerSessions(arn).filter(({ playerId }) => playerId === name);
    if (session === undefined) throw new Error(`${name} has no player session`);
    return session;
  }
}

describe("a minute without the control plane in mid-match", () => {
  it.concurrent.each(Object.entries(OUTAGES))(
    "[GT6] (%s) costs no player a tick, keeps new ones out with a retry, and is made up for afterwards",
    async (how, outage) => {
      const flags = { "--tick-rate-hz": TICK_RATE_HZ, "--reconnect-seconds": RECONNECT_SECONDS };
      await using match = await GameLiftMatch.host({
        service: { reservationMs: 300_000 },
        flags: Object.entries(flags).flatMap(([name, value]) => [name, `${value}`]),
      });
      const { service } = match;
      const ordeal = new Ordeal(match);
      const attendances = [new Attendance(TICK_RATE_HZ), new Attendance(TICK_RATE_HZ)] as const;
      const steady = [
        await match.join("steady-1", { onState: attendances[0].saw }),
        await match.join("steady-2", { onState: attendances[1].saw, transport: "ws" }),
      ];
      const wanderers = [
        await match.join("back-1"),
        await match.join("back-2", { transport: "ws" }),
      ] as const;
      // The joins after them make the server know of these two.
      const known = ["known-1", "known-2"].map((name) => match.reserve(name));
      const gone = ["left-1", "left-2", "left-3", "lost"];
      const [first, second, third, lost] = await Promise.all(gone.map((name) => match.join(name)));
      await pause(CALM_MS);

      ordeal.beginMs = performance.now();
      await outage.begin(service);
      const unknown: string[] = [];
      const arrive = () => {
        const id = match.reserve(`new-${unknown.length}`);
        unknown.push(id);
        return ordeal.knock(id);
      };
      await Promise.all([
        ordeal.at(1_000, () => ordeal.knock(known[0]!)),
        ordeal.at(2_000, arrive),
        ordeal.at(3_000, () => first!.leave()),
        ordeal.at(8_000, () => ordeal.dropAndReturn(wanderers[0], "tcp")),
        ordeal.at(10_000, () => lost!.drop()),
        ordeal.at(14_000, arrive),
        ordeal.at(20_000, () => second!.leave()),
        ordeal.at(30_000, () => ordeal.knock(known[1]!)),
        ordeal.at(31_000, arrive),
        ordeal.at(40_000, () => ordeal.dropAndReturn(wanderers[1], "ws")),
        ordeal.at(45_000, arrive),
        ordeal.at(50_000, () => third!.leave()),
        ordeal.at(OUTAGE_MS, () => {}),
      ]);
      await outage.end(service);
      ordeal.endMs = performance.now();
      const { length: requestsBefore } = service.requests;

      const areRemoved = () => gone.every((name) => ordeal.sessionOf(name).removes === 1);
      const [removedMs, heartbeatMs, seatedMs, knownSeatedMs] = await Promise.all([
        ordeal.afterMs(until(areRemoved, MADE_UP_WITHIN_MS)),
        ordeal.afterMs(
          service.waitFor(
            ({ action, statusCode }) => action === "HeartbeatServerProcess" && statusCode === 200,
            { from: requestsBefore, timeoutMs: MADE_UP_WITHIN_MS },
          ),
        ),
        Promise.all(unknown.map((id) => ordeal.seatedAfterMs(id))),
        Promise.all(known.map((id) => ordeal.seatedAfterMs(id))),
      ]);
      // Who was accepted without anybody's knowing has a seat by then, or has been given back.
      const areKnown = () =>
        known.every((id, at) => {
          const { accepts, removes } = service.playerSession(id);
          return accepts - removes === (Number.isFinite(knownSeatedMs[at]) ? 1 : 0);
        });
      const leftMs = ordeal.endMs + MADE_UP_WITHIN_MS - performance.now();
      const knownMs = await ordeal.afterMs(until(areKnown, leftMs));
      await pauseUntil(ordeal.endMs + CALM_MS);
      const { beginMs, endMs } = ordeal;
      const ticksLost = attendances.map((each) =>
        each.ticksLost([beginMs - CALM_MS, beginMs], [endMs, performance.now()]),
      );
      const { code } = await match.terminate(4_000);
      const [result] = match.server.results();
      const ticks = Number(result?.["ticks"]);
      report("gamelift_outage", {
        how,
        ticks,
        ticksLost,
        missedTicks: attendances.map(({ missedTicks }) => missedTicks),
        refusals: ordeal.refusals.map((each) => each.code),
        refusedMaxMs: percentile(
          ordeal.refusals.map(({ ms }) => ms),
          1,
        ),
        returnsMaxMs: percentile(ordeal.returnsMs, 1),
        removedMs,
        heartbeatMs,
        seatedMs: percentile(seatedMs, 1),
        knownSeatedMs: knownSeatedMs.map(Math.round),
        knownMs,
        ...match.counts,
      });
      expect(steady.map((player) => player.code)).toEqual([DRAINED, DRAINED]);
      expect(attendances.map(({ missedTicks }) => missedTicks)).toEqual([0, 0]);
      expect(Math.max(...ticksLost.map(Math.abs))).toBeLessThanOrEqual(1);
      for (const { lastTick } of attendances) expect(Math.abs(ticks - lastTick)).toBeLessThan(2);
      expect(new Set(ordeal.refusals.map((each) => each.code))).toEqual(new Set([TRY_AGAIN]));
      expect(Math.max(...ordeal.refusals.map(({ ms }) => ms))).toBeLessThan(REFUSED_WITHIN_MS);
      expect(Math.max(...ordeal.returnsMs)).toBeLessThan(BACK_WITHIN_MS);
      for (const madeUpMs of [removedMs, heartbeatMs, knownMs, ...seatedMs]) {
        expect(madeUpMs).toBeLessThan(MADE_UP_WITHIN_MS);
      }
      for (const name of gone) {
        expect(ordeal.sessionOf(name)).toMatchObject({ accepts: 1, removes: 1, removeRequests: 1 });
      }
      expect(match.process.healthReports.map(({ healthy }) => healthy)).not.toContain(false);
      expect(match.server.results()).toHaveLength(1);
      expect(code).toBe(0);
      const { accepts, acceptRequests, removes, endedWithGameSession } = match.counts;
      expect(acceptRequests).toBe(accepts);
      expect(removes + endedWithGameSession).toBe(accepts);
      expect(service.violations).toEqual([]);
      expect(match.leaks).toEqual([]);
    },
    180_000,
  );
});
