import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause, percentile, report } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import type { GameLiftService } from "../support/gamelift-service/service.ts";

const MATCHES = 20;
const AT_ONCE = 10;
const LEFT_MS = 20_000;
const EARLY_MS_MIN = 2_000;
const PLAYERS = 4;
const DRAINED = 4413;

/** What goes wrong with the service once it has told the process to end. */
const TROUBLES: Readonly<Record<string, (service: GameLiftService) => void>> = {
  nothing: () => {},
  "its connections are reset": (service) => service.cut("reset"),
  "it answers a second late": (service) => service.faults.delay(1_000),
  "it reads and never answers": (service) => service.faults.silence({ applies: false }),
};

/** Where results go beside the disk. It takes each at the second try, as one that was just restarted. */
class Backend {
  readonly taken: string[] = [];
  readonly #tries = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { resultId } = (await json(request)) as { resultId: string };
      const tries = (this.#tries.get(resultId) ?? 0) + 1;
      this.#tries.set(resultId, tries);
      if (tries > 1) this.taken.push(resultId);
      response.writeHead(tries > 1 ? 200 : 503).end();
    });
  }

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/results`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const backend = new Backend();
let resultsUrl = "";

beforeAll(async () => {
  resultsUrl = await backend.open();
});
afterAll(() => backend.close());

interface Ending {
  readonly trouble: string;
  readonly code: number | null;
  readonly earlyMs: number;
  /** As the players were told. */
  readonly codes: readonly (number | undefined)[];
  /** Of the files on the disk. */
  readonly results: readonly Record<string, unknown>[];
  /** Accepted player sessions that were neither removed nor ended with the game session. */
  readonly leftOpen: number;
  readonly saidGoodbye: boolean;
}

async function play(number: number): Promise<Ending> {
  const [trouble, make] = Object.entries(TROUBLES)[number % 4]!;
  await using match = await GameLiftMatch.host({ flags: ["--results-url", resultsUrl] });
  const players = await Promise.all(
    Array.from({ length: PLAYERS }, (_, at) =>
      match.join(`player-${number}-${at}`, { transport: at % 2 === 0 ? "tcp" : "ws" }),
    ),
  );
  const steering = setInterval(() => {
    for (const player of players) player.steer();
  }, 100);
  await pause(500 + (number % 5) * 200);
  const ended = match.terminate(LEFT_MS);
  await match.server.line("server_stopping");
  make(match.service);
  const { code, earlyMs } = await ended;
  clearInterval(steering);
  await Promise.all(players.map(({ closed }) => closed));
  const { accepts, removes, endedWithGameSession } = match.counts;
  return {
    trouble,
    code,
    earlyMs: Math.round(earlyMs),
    codes: players.map((player) => player.code),
    results: match.server.results(),
    leftOpen: accepts - removes - endedWithGameSession,
    saidGoodbye: match.process.ended,
  };
}

describe("20 matches that are terminated with 20 s left", () => {
  it("[GT9] lose no result and deliver none twice, and end with 0 at least 2 s early", async () => {
    const endings: Ending[] = [];
    for (let first = 0; first < MATCHES; first += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, at) => play(first + at));
      endings.push(...(await Promise.all(some)));
    }
    const resultIds = endings.flatMap(({ results }) => results.map(({ resultId }) => resultId));
    const earlyMs = endings.map((each) => each.earlyMs);
    report("gamelift_terminate", {
      matches: endings.length,
      codes: [...new Set(endings.map(({ code }) => code))],
      earlyMinMs: Math.min(...earlyMs),
      earlyP50Ms: percentile(earlyMs, 0.5),
      earlyMinMsByTrouble: Object.fromEntries(
        Object.keys(TROUBLES).map((trouble) => [
          trouble,
          Math.min(
            ...endings.filter((each) => each.trouble === trouble).map((each) => each.earlyMs),
          ),
        ]),
      ),
      results: resultIds.length,
      posted: backend.taken.length,
      goodbyes: endings.filter(({ saidGoodbye }) => saidGoodbye).length,
    });
    for (const ending of endings) {
      expect(ending).toMatchObject({
        code: 0,
        codes: Array(PLAYERS).fill(DRAINED),
        results: [{ outcome: "drained" }],
      });
      expect(ending.earlyMs).toBeGreaterThanOrEqual(EARLY_MS_MIN);
      expect(ending.results[0]?.["players"]).toHaveLength(PLAYERS);
      // Who is not heard cannot say it; everybody else has.
      const isHeard = ending.trouble !== "it reads and never answers";
      expect([ending.trouble, ending.saidGoodbye]).toEqual([ending.trouble, isHeard]);
      if (isHeard) expect(ending.leftOpen).toBe(0);
    }
    expect(new Set(resultIds).size).toBe(MATCHES);
    expect(backend.taken.toSorted()).toEqual(resultIds.toSorted());
  });
});
