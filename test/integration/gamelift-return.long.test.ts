import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event, Transport } from "../hostile/adapter.ts";
import { inParallel, pause, percentile, report } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { LightPlayer } from "../support/light-player.ts";
import { RoughNetwork } from "../support/rough-network.ts";

const PLAYERS = 200;
const CUT_MS = 5_000;
/** States of one who is back, until which he must see what everybody sees. */
const EQUAL_AFTER_TICKS = 2;
const REFUSED = 4401;
const NOBODY_ANSWERED = 1006;
/** Of a player who is back from nothing: how long he waits for an answer, and until he tries again. */
const PATIENCE_MS = 2_500;
const REST_MS = 1_000;

let match: GameLiftMatch;
let network: RoughNetwork;
const players: LightPlayer[] = [];
const transportOf = (number: number): Transport => (number % 2 === 0 ? "tcp" : "ws");

beforeAll(async () => {
  match = await GameLiftMatch.host({ seats: PLAYERS + 8 });
  network = await RoughNetwork.open(match.port);
  await inParallel(PLAYERS, 25, async (number) => {
    const way = { port: network.port, transport: transportOf(number) };
    players[number] = await match.join(`player-${number}`, way);
  });
}, 60_000);

afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await match[Symbol.asyncDispose]();
});

/** Everything that one player saw, tick by tick. */
class Sights {
  readonly #states = new Map<number, unknown>();

  readonly saw = ({ tick = 0, state }: Event): void => {
    this.#states.set(tick, state?.toJSON());
  };

  get ticks(): number[] {
    return [...this.#states.keys()];
  }

  /** Both saw the tick that `other` saw last, and saw the same. */
  agreesWithLastOf(other: Sights): boolean {
    const last = other.ticks.at(-1) ?? -1;
    return (
      this.#states.has(last) && isDeepStrictEqual(this.#states.get(last), other.#states.get(last))
    );
  }
}

/** Tries until he has his seat again. @returns How often he tried. */
async function comeBack(number: number, sights: Sights): Promise<number> {
  const { token } = players[number]!;
  const way = {
    port: network.port,
    transport: transportOf(number),
    onState: sights.saw,
    statesMax: EQUAL_AFTER_TICKS + 1,
  };
  for (let tries = 1; ; tries++) {
    const answer = await LightPlayer.return(way, token, PATIENCE_MS);
    if (typeof answer !== "number") {
      players[number]!.socket.destroy();
      players[number] = answer;
      match.tokens.push(answer.token);
      return tries;
    }
    if (answer !== NOBODY_ANSWERED) throw new Error(`player ${number} was refused with ${answer}`);
    await pause(REST_MS);
  }
}

/** What those who come with tokens are answered; 0 for a seat. */
async function answersTo(tokens: readonly string[]): Promise<number[]> {
  const answers: number[] = [];
  await inParallel(tokens.length, 20, async (number) => {
    const way = { port: match.port, transport: transportOf(number) };
    const answer = await LightPlayer.return(way, tokens[number]!);
    answers.push(typeof answer === "number" ? answer : 0);
  });
  return answers;
}

describe("200 players whose network is cut for 5 s", () => {
  it.each(["reset", "hole", "sliced"] as const)(
    "[GT8] (%s) are back in their seats with their tokens and see what a newcomer sees",
    async (weather) => {
      const steering = setInterval(() => {
        for (const player of players) player.steer();
      }, 250);
      const seats = players.map(({ seat }) => seat);
      const oldTokens = players.map(({ token }) => token);
      const seenByNewcomer = new Sights();
      const newcomer = await match.join(`newcomer-${weather}`, { onState: seenByNewcomer.saw });

      network.turn(weather);
      const cutMs = performance.now();
      const sights = players.map(() => new Sights());
      const backAtMs: number[] = [];
      const returns = players.map(async (_, number) => {
        // Not all at one moment: people are not.
        await pause(500 + (number % 20) * 100);
        const tries = await comeBack(number, sights[number]!);
        backAtMs.push(performance.now());
        return tries;
      });
      await pause(cutMs + CUT_MS - performance.now());
      network.turn("clear");
      const healedMs = performance.now();
      const tries = await Promise.all(returns);
      // The last of them sees more, and so does the newcomer.
      await pause(1_000);
      clearInterval(steering);

      const unequal = sights.filter((seen) => !seenByNewcomer.agreesWithLastOf(seen));
      const stale = await answersTo(oldTokens);
      const backMs = backAtMs.map((atMs) => atMs - healedMs);
      report("gamelift_return", {
        weather,
        players: players.length,
        tries: tries.reduce((sum, each) => sum + each),
        backP50Ms: percentile(backMs, 0.5),
        backMaxMs: percentile(backMs, 1),
        unequal: unequal.length,
        staleRefused: stale.filter((code) => code === REFUSED).length,
      });
      expect(players.map(({ seat }) => seat)).toEqual(seats);
      expect(players.filter(({ isClosed }) => isClosed)).toEqual([]);
      expect(unequal).toEqual([]);
      expect(new Set(stale)).toEqual(new Set([REFUSED]));
      expect(new Set([...players.map(({ token }) => token), ...oldTokens]).size).toBe(2 * PLAYERS);
      await newcomer.leave();
    },
  );

  it("[GT8] have seats that no token of another match leads to, and none that is made up", async () => {
    await using other = await GameLiftMatch.host();
    const { token } = await other.join("somebody");
    const [own = ""] = players.map((player) => player.token);
    const altered = `${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`;
    expect(await answersTo([token, altered, "A".repeat(own.length), "x"])).toEqual([
      REFUSED,
      REFUSED,
      REFUSED,
      REFUSED,
    ]);
    expect(match.counts).toMatchObject({ accepts: PLAYERS + 3, acceptRequests: PLAYERS + 3 });
    expect(match.service.violations).toEqual([]);
    expect(match.leaks).toEqual([]);
  });
});
