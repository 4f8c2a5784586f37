import net from "node:net";
import { expect } from "vitest";
import * as adapter from "./adapter.ts";
import { Guest } from "./guest.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { pause, percentile, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

type Way = "tcp" | "ws" | "http";
const WAYS: readonly Way[] = ["tcp", "ws", "http"];
const ANSWER_WITHIN_MS = 10_000;

/** Ids that admit nobody, for every reason there is, at a steady rate, through a fleet that takes 5 ms to describe. */
export async function askWithBadIds(options: {
  count: number;
  perSecond: number;
  controlMs: number;
}): Promise<void> {
  const seed = seedOf("bad ids");
  const random = new Random(seed);
  const expired = Array.from({ length: 20 }, () => `secret-${random.word(20)}`);
  const server = await HostileServer.start(random, {
    players: 10,
    faults: { describeMs: 5 },
    over: Object.fromEntries(
      expired.map((id, at) => [id, at % 2 === 0 ? ("TIMEDOUT" as const) : ("COMPLETED" as const)]),
    ),
  });
  const honest = await HonestPlayer.join(server, { doAttackersGiveWay: false });
  const used = [server.ids[0] ?? ""];
  for (let guests = 0; guests < 4; guests++) {
    const id = server.nextId();
    const guest = await Guest.join(server.port, "tcp", id);
    if (typeof guest === "number") throw new Error(`no seat: ${guest}`);
    await guest.leave();
    used.push(id);
  }
  const kinds: Readonly<Record<string, () => string>> = {
    unknown: () => `secret-${random.word(20)}`,
    repeated: () => "secret-nobody-ever-had-this",
    foreign: () => `psess-${random.word(8)}-${random.word(4)}-${random.word(12)}`,
    used: () => random.pick(used),
    expired: () => random.pick(expired),
    malformed: () => random.pick(["_", " ", "a b", `${"x".repeat(255)}!`, "../etc", "psess_1"]),
  };
  const answers = new Map<Way, Set<string>>(WAYS.map((way) => [way, new Set()]));
  const tookMs: Record<string, number[]> = Object.fromEntries(
    Object.keys(kinds).map((kind) => [kind, []]),
  );

  async function ask(number: number): Promise<void> {
    const way = WAYS[number % WAYS.length] ?? "tcp";
    const kind = Object.keys(kinds)[Math.floor(number / WAYS.length) % 6] ?? "unknown";
    const { reply, ms } = await answerTo(server.port, way, kinds[kind]!());
    answers.get(way)?.add(reply);
    tookMs[kind]?.push(ms);
  }

  try {
    const control = await honest.undisturbed(options.controlMs);
    const attacked = await honest.during(async () => {
      const startMs = performance.now();
      const asked: Promise<void>[] = [];
      while (asked.length < options.count) {
        const due = ((performance.now() - startMs) / 1000) * options.perSecond;
        while (asked.length < Math.min(due, options.count)) asked.push(ask(asked.length));
        await pause(2);
      }
      await Promise.all(asked);
    }, options.controlMs);
    const all = Object.values(tookMs).flat();
    report("bad_ids", {
      count: all.length,
      perSecond: options.perSecond,
      p50Ms: percentile(all, 0.5),
      p99Ms: percentile(all, 0.99),
      maxMs: percentile(all, 1),
      p99MsByKind: Object.fromEntries(
        Object.entries(tookMs).map(([kind, each]) => [kind, percentile(each, 0.99)]),
      ),
      control,
      attacked,
      ...server.cpu(),
    });
    for (const [way, replies] of answers) {
      expect([way, replies.size]).toEqual([way, 1]);
      expect([...replies][0]).toMatch(/refused|"code":4401/);
    }
    expect(all).toHaveLength(options.count);
    expect(server.lives).toBe(true);
    expect(attacked.closeCode).toBeUndefined();
    expect(attacked.missedTicks).toBe(0);
    // A description that no one waits for would be found here; the goal itself is 40 ms, and printed.
    expect(percentile(all, 0.5)).toBeLessThan(400);
    expect([...server.leakedIds, ...expired.filter((id) => server.log.includes(id))]).toEqual([]);
  } finally {
    await honest.leave();
    await server.stop();
  }
}

/** Asks once on a connection of its own. @returns All that was answered but the date, and after how long it began. */
function answerTo(port: number, way: Way, id: string): Promise<{ reply: string; ms: number }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer over ${way}`));
    }, ANSWER_WITHIN_MS);
    let reply = Buffer.alloc(0);
    let isUpgraded = way !== "ws";
    let askedAtMs = 0;
    let answeredAtMs = 0;
    const hello = () => {
      askedAtMs = performance.now();
      if (way === "http") {
        const body = JSON.stringify({ playerSessionId: id });
        const head = `POST /matchmake/joinById/match HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}`;
        socket.write(`${head}\r\n\r\n${body}`);
      } else socket.write(adapter.frame(way, adapter.join(way, id).hello));
    };
    socket.on("connect", () => {
      if (way !== "http") socket.write(adapter.preamble(way));
      if (way !== "ws") hello();
    });
    socket.on("data", (bytes) => {
      if (!isUpgraded) {
        isUpgraded = true;
        return hello();
      }
      if (answeredAtMs === 0) answeredAtMs = performance.now();
      reply = Buffer.concat([reply, bytes]);
      // A WebSocket waits for the answer to its close frame.
      if (way === "ws") socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      const text = reply.toString("latin1").replace(/Date: [^\r]*\r\n/i, "");
      resolve({ reply: text, ms: answeredAtMs - askedAtMs });
    });
  });
}
