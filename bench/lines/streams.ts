import { setTimeout as delay } from "node:timers/promises";
import { type LinePlan, lineOf, type Measured } from "../measure/pairs.ts";
import { costOf } from "../measure/process-cost.ts";
import {
  type RoomSettings,
  SERVER_CORE,
  type Subject,
  startColyseus,
  startFleetroom,
  startPlainWs,
} from "../subjects/subject.ts";
import { type BenchRun, type Family, withSubjects } from "./bench-run.ts";

const CLIENTS = 200;
const ROOM: RoomSettings = { seats: CLIENTS, patchMs: 0, profileChars: 0 };
/** What the room's patch of 200 moving players has. */
const PATCH_BYTES = 2_490;
const MESSAGES = 4;
const SETTLE_MS = 150;

/** What the servers are asked to do for a while. */
type Kind = "patch" | "patch4" | "command";
/** What a round has of them. A patch alone is nearest to what is promised of it, and so it is measured twice as often. */
const ROUND: readonly Kind[] = ["patch", "patch4", "patch", "command"];

/** The order of one round: plain Colyseus comes first and last, so that it stands on both sides of the others. */
const TURNS = ["colyseus", "play", "ws", "tcp", "colyseusAgain"] as const;
type Turn = (typeof TURNS)[number];
type Round = Readonly<Record<Turn, Measured>>;

const NAMES = { play: "WebSocket", tcp: "TCP" } as const;
const WHAT: Readonly<Record<Kind, { title: string; unit: string }>> = {
  patch: { title: "patch to 200 clients, CPU per client and tick", unit: "µs" },
  patch4: { title: "patch and 4 messages to 200 clients", unit: "µs" },
  command: { title: "inbound command of 12 bytes", unit: "µs" },
};
const PROMISED = {
  patch: { direction: "at most", must: 0.85, aim: 0.7 },
  patch4: { direction: "at most", must: 0.5, aim: 0.4 },
  command: undefined,
} as const;

/** What flows through seats that are taken: patches, messages, commands. All servers live beside each other, one works. */
export const streams: Family = (run) => streamsOf(ROUND)(run);

/** @param kinds - Those of one round, in their order. */
export const streamsOf =
  (kinds: readonly Kind[]): Family =>
  async (run) => {
    const rounds = noRounds();
    for (let block = 1; block <= run.effort.streamBlocks; block++) {
      run.say(
        `streams, block ${block} of ${run.effort.streamBlocks}: ${CLIENTS} clients on each of 4 servers`,
      );
      const found = await blockOf(run, kinds);
      for (const kind of new Set(kinds)) rounds[kind].push(...found[kind]);
    }
    return [...new Set(kinds)].flatMap((kind) =>
      (["play", "tcp"] as const).flatMap((turn) => {
        const promised = PROMISED[kind];
        const plan: LinePlan = {
          ...WHAT[kind],
          id: `${kind}.${turn}`,
          title: `${WHAT[kind].title}, ${NAMES[turn]}`,
          oursName: `ours, ${NAMES[turn]}`,
          peerName: "Colyseus",
          digits: 2,
          ...(promised !== undefined && { promised }),
        };
        const colyseus = rounds[kind].map((round) => ({
          ours: round[turn],
          peer: round.colyseus,
          peerAgain: round.colyseusAgain,
        }));
        const ws = rounds[kind].map((round) => ({ ours: round[turn], peer: round.ws }));
        const { promised: _none, ...beside } = plan;
        return [
          lineOf(plan, colyseus),
          lineOf({ ...beside, id: `${plan.id}.ws`, peerName: "plain ws" }, ws),
        ];
      }),
    );
  };

const noRounds = (): Record<Kind, Round[]> => ({ patch: [], patch4: [], command: [] });

function blockOf(run: BenchRun, kinds: readonly Kind[]): Promise<Record<Kind, Round[]>> {
  return withSubjects<[Subject, Subject, Subject, Subject], Record<Kind, Round[]>>(
    [
      startFleetroom(ROOM, run.tls),
      startFleetroom(ROOM, run.tls),
      startColyseus(ROOM, run.tls),
      startPlainWs(PATCH_BYTES, run.tls),
    ],
    async (play, tcp, colyseus, ws) => {
      const servers: Record<Turn, Subject> = { play, tcp, ws, colyseus, colyseusAgain: colyseus };
      const groups = ["play", "tcp", "colyseus", "ws"] as const;
      const ways = { play: "play", tcp: "tcp", colyseus: "stock", ws: "plain" } as const;
      for (const group of groups) {
        await run.swarm.open(group, servers[group], ways[group], CLIENTS, 25);
      }
      for (const group of groups) await run.swarm.count(group);
      for (const group of groups) await exercise(run, servers[group], group, kinds);
      const rounds = noRounds();
      for (let round = 0; round < run.effort.streamRounds; round++) {
        for (const kind of kinds) rounds[kind].push(await roundOf(run, servers, kind));
      }
      for (const group of groups) await run.swarm.close(group);
      return rounds;
    },
  );
}

async function exercise(run: BenchRun, server: Subject, group: string, kinds: readonly Kind[]) {
  // The first patch tells of everyone who joined.
  await run.swarm.run(group, 0);
  await delay(SETTLE_MS);
  await run.swarm.stand(group);
  // Else what is still on its way would be counted as what follows.
  await delay(SETTLE_MS);
  for (const kind of new Set(kinds)) await measure(run, server, group, kind, run.effort.warmUpMs);
}

async function roundOf(run: BenchRun, servers: Record<Turn, Subject>, kind: Kind): Promise<Round> {
  const round: Partial<Record<Turn, Measured>> = {};
  for (const turn of TURNS) {
    const group = turn === "colyseusAgain" ? "colyseus" : turn;
    round[turn] = await measure(run, servers[turn], group, kind, run.effort.windowMs);
  }
  return round as Round;
}

async function measure(
  { swarm }: BenchRun,
  server: Subject,
  group: string,
  kind: Kind,
  forMs: number,
): Promise<Measured> {
  const before = await swarm.stand(group);
  await swarm.count(group);
  await swarm.stayAwake(true);
  const { value: sent, ...cost } = await costOf(server, SERVER_CORE, async () => {
    if (kind === "command") {
      const commands = await swarm.command(group, forMs);
      await delay(SETTLE_MS);
      return commands;
    }
    await swarm.run(group, kind === "patch4" ? MESSAGES : 0);
    await delay(forMs);
    await swarm.stand(group);
    await delay(SETTLE_MS);
    return 0;
  });
  await swarm.stayAwake(false);
  const after = await swarm.stand(group);
  const received = await swarm.count(group);
  const deliveries = (after.ticks - before.ticks) * CLIENTS;
  if (kind === "command") {
    expectEqual(`${group}: commands`, after.commands - before.commands, sent);
    return { value: (1000 * cost.cpuMs) / sent, cost };
  }
  expectEqual(`${group}: patches`, received.patches, deliveries);
  expectEqual(
    `${group}: messages`,
    received.messages,
    kind === "patch4" ? MESSAGES * deliveries : 0,
  );
  expectClose(
    `${group}: bytes of a patch`,
    received,
    PATCH_BYTES + (kind === "patch4" ? MESSAGES * 103 : 0),
  );
  return { value: (1000 * cost.cpuMs) / deliveries, cost };
}

/** A server that did not do the whole work has no figure. */
function expectEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted || wanted < 0) throw new Error(`${what}: ${found} instead of ${wanted}`);
}

function expectClose(
  what: string,
  received: { bytes: number; patches: number },
  wanted: number,
): void {
  const found = received.bytes / received.patches;
  if (Math.abs(found - wanted) > 0.02 * wanted)
    throw new Error(`${what}: ${found} instead of ${wanted}`);
}
