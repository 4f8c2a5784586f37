import { readdirSync } from "node:fs";
import net from "node:net";
import { expect, it } from "vitest";
import { pause, report } from "../hostile/report.ts";
import { Attendance } from "../support/attendance.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";

const DESCRIPTORS = 256;
/** For the result, the recording and the way to the service. */
const SPARE = 32;
const HOLDERS = 1_000;
const HOLD_MS = 10_000;
const PLAYERS = 8;
const TICK_RATE_HZ = 30;
const RECOVERED_WITHIN_MS = 2_000;

const isPossible = process.platform === "linux";
if (!isPossible) {
  process.stderr.write(
    "SKIPPED: a process with 256 descriptors; only Linux shows how many it has\n",
  );
}

/** Connections that say nothing; each that is ended is made anew until they all leave. */
class Holders {
  #isOver = false;
  readonly #sockets = new Set<net.Socket>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
    for (let number = 0; number < HOLDERS; number++) this.#hold(number);
  }

  leave(): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #hold(number: number): void {
    if (this.#isOver) return;
    const localAddress = `127.3.${number % 8}.1`;
    const socket = net.connect({ port: this.#port, host: "127.0.0.1", localAddress });
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#sockets.delete(socket);
      // A moment later: knocking without a pause would be another attack.
      setTimeout(() => this.#hold(number), 200);
    });
  }
}

/** @returns When somebody new has his seat. */
async function seatedAtMs(match: GameLiftMatch, playerId: string): Promise<number> {
  const id = match.reserve(playerId);
  for (;;) {
    const answer = await LightPlayer.join({ port: match.port, transport: "tcp" }, id);
    if (typeof answer !== "number") return performance.now();
    await pause(100);
  }
}

it.skipIf(!isPossible)(
  "[GT10] with 256 descriptors and 1,000 holders of connections players miss nothing, others get in when they are gone, and the result arrives",
  async () => {
    await using match = await GameLiftMatch.host({
      service: { limits: "documented" },
      openFilesMax: DESCRIPTORS,
    });
    const openFiles = () => readdirSync(`/proc/${match.server.child.pid}/fd`).length;
    const attendances = Array.from({ length: PLAYERS }, () => new Attendance(TICK_RATE_HZ));
    const players = await Promise.all(
      attendances.map(({ saw }, number) => {
        const transport = number % 2 === 0 ? "tcp" : "ws";
        return match.join(`player-${number}`, { transport, onState: saw });
      }),
    );

    const holders = new Holders(match.port);
    let mostFiles = 0;
    const playing = setInterval(() => {
      mostFiles = Math.max(mostFiles, openFiles());
      for (const player of players) player.steer();
    }, 100);
    await pause(HOLD_MS);
    holders.leave();
    const leftMs = performance.now();
    const recoveredMs = (await seatedAtMs(match, "late")) - leftMs;
    await pause(1_000);
    const missedTicks = attendances.map((each) => each.missedTicks);
    const codes = players.map(({ code }) => code);

    // They come again, and now the match has to end.
    const others = new Holders(match.port);
    await until(() => openFiles() > DESCRIPTORS / 2);
    const { code, earlyMs } = await match.terminate(10_000);
    others.leave();
    clearInterval(playing);
    report("gamelift_descriptors", {
      descriptors: DESCRIPTORS,
      mostFiles,
      holders: HOLDERS,
      recoveredMs: Math.round(recoveredMs),
      ticks: attendances[0]?.lastTick,
      missedTicks: Math.max(...missedTicks),
      overruns: match.logged("step_overran").length,
      endedEarlyMs: Math.round(earlyMs),
    });
    expect(codes).toEqual(Array(PLAYERS).fill(undefined));
    expect(missedTicks).toEqual(Array(PLAYERS).fill(0));
    expect(recoveredMs).toBeLessThan(RECOVERED_WITHIN_MS);
    expect(code).toBe(0);
    expect(match.server.results()).toMatchObject([{ outcome: "drained" }]);
    expect(match.process.ended).toBe(true);
    expect(mostFiles).toBeGreaterThan(DESCRIPTORS / 2);
    expect(mostFiles).toBeLessThanOrEqual(DESCRIPTORS - SPARE);
  },
);
