import { describe, expect, it } from "vitest";
import { joinAsStock } from "../hostile/races.ts";
import { inParallel, report } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";

const PAIRS = 400;
const AT_ONCE = 20;
/** Of so many who got in, one stays until the end. */
const STAYS_EVERY = 8;
const REFUSED = 4401;
/** The same over HTTP. */
const REFUSED_STATUS = 525;
const WAYS = ["tcp", "ws", "stock"] as const;

type Seated = { leave(): Promise<void> };

function joinBy(
  way: (typeof WAYS)[number],
  match: GameLiftMatch,
  id: string,
): Promise<Seated | number> {
  if (way === "stock") return joinAsStock(match.server, id);
  return LightPlayer.join({ port: match.port, transport: way }, id);
}

describe("400 pairs who come with one player session id at once", () => {
  it("[GT11] get one seat each by the service's own counts, and every accept is given back", async () => {
    await using match = await GameLiftMatch.host({
      service: { limits: "documented" },
      seats: PAIRS / STAYS_EVERY + 2 * AT_ONCE,
    });
    const seatedPerPair: number[] = [];
    const codes: Record<string, number> = {};
    await inParallel(PAIRS, AT_ONCE, async (number) => {
      const id = match.reserve(`player-${number}`);
      // Every way against every way.
      const ways = [WAYS[number % 3]!, WAYS[Math.floor(number / 3) % 3]!];
      const outcomes = await Promise.all(ways.map((way) => joinBy(way, match, id)));
      const seated: Seated[] = [];
      for (const outcome of outcomes) {
        if (typeof outcome === "number") codes[outcome] = (codes[outcome] ?? 0) + 1;
        else seated.push(outcome);
      }
      seatedPerPair.push(seated.length);
      if (number % STAYS_EVERY > 0) await Promise.all(seated.map((each) => each.leave()));
    });
    const joined = () => match.logged("player_joined").length;
    await until(() => joined() === PAIRS);
    const before = match.counts;
    const { code } = await match.terminate(6_000);
    const after = match.counts;
    report("gamelift_races", { pairs: PAIRS, seats: joined(), refusals: codes, before, after });
    expect(seatedPerPair).toEqual(Array(PAIRS).fill(1));
    expect(new Set(Object.keys(codes))).toEqual(new Set([`${REFUSED}`, `${REFUSED_STATUS}`]));
    expect([before.accepts, before.acceptRequests, joined()]).toEqual([PAIRS, PAIRS, PAIRS]);
    expect(after.removes + after.endedWithGameSession).toBe(after.accepts);
    expect(after.removeRequests).toBe(after.removes);
    expect(code).toBe(0);
    expect(match.service.requests.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
    expect(match.service.violations).toEqual([]);
  });
});
