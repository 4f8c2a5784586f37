import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { pairsOf } from "../../bench/density/density-run.ts";
import { FullCards } from "../../bench/density/full-cards.ts";
import { OurServers } from "../../bench/density/our-servers.ts";
import { hasRoomFor, MeasuredProcess, ProcessSet } from "../../bench/density/process-set.ts";

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("[DE11] measures processes of the built server and of the full card from their start on, and ends them", async () => {
  await using ours = await OurServers.open("arena");
  await using peers = await FullCards.open();
  const pids: number[] = [];
  for (const { startOne } of [ours, peers]) {
    await using set = await ProcessSet.start(2, startOne);
    pids.push(...set.processes.map(({ pid }) => pid));
    for (const { readyCpuMs } of set.processes) {
      // More than Node alone takes, and less than a broken reading.
      expect(readyCpuMs).toBeGreaterThan(40);
      expect(readyCpuMs).toBeLessThan(5_000);
    }
    for (const { pss, uss } of set.memory) {
      expect(uss).toBeGreaterThan(10 * 2 ** 20);
      expect(pss).toBeGreaterThan(uss);
    }
    const costs = await set.costs(() => delay(1_000));
    for (const { share } of costs) expect(share).toBeLessThan(0.5);
    expect(pids.every(isAlive)).toBe(pids.length === 2);
  }
  expect(pids.filter(isAlive)).toEqual([]);
});

it("[DE11] has ours host a game session whose seats are reserved, and the full card a room", async () => {
  await using ours = await OurServers.open("arena");
  await using peers = await FullCards.open();
  await using own = await ProcessSet.start(1, ours.startOne);
  await using other = await ProcessSet.start(1, peers.startPlaying);
  const [server] = own.processes;
  const [card] = other.processes;
  if (server === undefined || card === undefined) throw new Error("nothing was started");
  const subject = await ours.host(server, 3, {});
  expect(subject).toMatchObject({ pid: server.pid, roomId: "match" });
  expect(subject.playerSessionIds).toHaveLength(3);
  expect(peers.subject(card)).toMatchObject({ pid: card.pid, roomId: expect.stringMatching(/.+/) });
});

it("[DE11] says what a process said that ended before it was ready, and leaves none of its set", async () => {
  const started: MeasuredProcess[] = [];
  const starting = ProcessSet.start(2, () => {
    const isFirst = started.length === 0;
    const text = isFirst
      ? 'console.error("no port"); process.exit(1)'
      : "setInterval(() => {}, 1e6)";
    const each = new MeasuredProcess(["-e", text], {}, "/");
    started.push(each);
    return { process: each, whenReady: new Promise(() => {}) };
  });
  await expect(starting).rejects.toThrow(/ended before it was ready: no port/);
  expect(started.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
});

it("[DE11] starts no more processes than there is memory for", () => {
  expect(hasRoomFor(1)).toBe(true);
  expect(hasRoomFor(1_000_000)).toBe(false);
});

it("[DE11] pairs the processes of two sets one by one", () => {
  const pairs = pairsOf([1, 2, 3], [10, 20]);
  expect(pairs.map(({ ours, peer }) => [ours.value, peer.value])).toEqual([
    [1, 10],
    [2, 20],
  ]);
});
