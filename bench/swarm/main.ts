/**
 * The load, in a process of its own: bare clients that do as they are told over the channel to the bench.
 * `bench/swarm/main.ts [CERTIFICATE]`; with one, all of them speak TLS.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Dump } from "../match/conducted-match.ts";
import { commandMessage } from "../telemetry/crowd.ts";
import { DIALECTS } from "./dialects.ts";
import { MatchLoad } from "./match-load.ts";
import type { Answers, Numbered, Order, Reply } from "./orders.ts";
import { type Goal, Player, type Received } from "./player.ts";
import { openPlain, openSecure } from "./streams-to-server.ts";

const COMMAND_INTERVAL_MS = 50;
/** How long a state may take that the server has sent already. */
const STATES_WITHIN_MS = 3_000;
const STATES_LOOK_MS = 50;
/** Everyone's turn is in one of these, so that commands come evenly, as from players who do not know each other. */
const COMMAND_SLOTS = 25;
/** A whole group is in or out within this, or the run is worth nothing. */
const GROUP_TIMEOUT_MS = 20_000;
/** Type `c` and nine bytes: a sequence number, buttons, an angle. */
const COMMAND = Buffer.from([17, 0xa1, 0x63, 1, 0, 0, 0, 3, 0, 0, 0x80, 0x3f]);

const [, , certFile] = process.argv;
const openStream = certFile === undefined ? openPlain : openSecure(readFileSync(certFile, "utf8"));

const groups = new Map<string, Player[]>();
const matches = new Map<string, MatchLoad>();

let isAwake = false;

function turn(): void {
  if (isAwake) setImmediate(turn);
}

process.on("message", ({ nth, message: order }: Numbered<Order>) => {
  obey(order)
    .then((answer): Reply => {
      const [failure] = Player.failures.splice(0);
      return failure === undefined
        ? { outcome: "done", answer }
        : { outcome: "failed", why: failure };
    })
    .catch((error: unknown): Reply => ({ outcome: "failed", why: String(error) }))
    .then((reply) => process.send?.({ nth, message: reply } satisfies Numbered<Reply>))
    .catch(() => process.exit(1));
});
process.once("disconnect", () => process.exit(0));

async function obey(order: Order): Promise<Answers[keyof Answers]> {
  switch (order.do) {
    case "open":
      return open(order.group, order.goals, order.atOnce);
    case "close":
      return close(order.group);
    case "run":
      return run(order.group, order.isRunning, order.messages);
    case "command":
      return command(order.group, order.forMs, order.plays ? commandMessage : () => COMMAND);
    case "openMatch":
      return openMatch(order);
    case "playMatch":
      return matchOf(order.group).play(order.forMs);
    case "openSlow": {
      const match = matchOf(order.group);
      const { group, goals, decode } = order;
      return open(group, goals, goals.length, (goal) =>
        match.addSlow(decode, goal, (its, hear) => new Player(its, openStream, hear)),
      );
    }
    case "stall":
      matchOf(order.group).stall(order.part, order.forMs);
      return null;
    case "slowEnds":
      return matchOf(order.group).slowEnds();
    case "keepStates":
      matchOf(order.group).keepStates(true);
      return null;
    case "statesAt":
      return statesAt(matchOf(order.group), order.dump);
    case "stayAwake":
      if (order.isAwake !== isAwake) {
        ({ isAwake } = order);
        if (isAwake) turn();
      }
      return null;
    case "count":
      return count(order.group);
  }
}

async function open(
  group: string,
  goals: readonly Goal[],
  atOnce: number,
  make: (goal: Goal, nth: number) => Player = (goal) => new Player(goal, openStream),
): Promise<number[]> {
  const players = groups.get(group) ?? [];
  groups.set(group, players);
  const times: number[] = [];
  for (let at = 0; at < goals.length; at += atOnce) {
    const wave = goals.slice(at, at + atOnce).map((goal, nth) => make(goal, at + nth));
    players.push(...wave);
    times.push(...(await inTime(Promise.all(wave.map((player) => player.joined)), "joined")));
  }
  return times;
}

/** Probes are spread over the order in which players came, which is the order in which they are sent to. */
function openMatch(order: Order & { do: "openMatch" }): Promise<number[]> {
  const { group, goals, atOnce, dialect, tickRateHz, probes } = order;
  const match = new MatchLoad(DIALECTS[dialect], tickRateHz);
  matches.set(group, match);
  const everyNth = Math.max(1, goals.length / probes);
  return open(group, goals, atOnce, (goal, nth) => {
    const isProbe = Math.floor(nth / everyNth) !== Math.floor((nth - 1) / everyNth);
    return match.add(isProbe, goal, (its, hear) => new Player(its, openStream, hear));
  });
}

function matchOf(group: string): MatchLoad {
  const match = matches.get(group);
  if (match === undefined) throw new Error(`nobody plays in ${group}`);
  return match;
}

/** What the server has sent by now may take its time to get here: this process is not alone on its core. */
async function statesAt(match: MatchLoad, dump: Dump): Promise<Answers["statesAt"]> {
  const endMs = performance.now() + STATES_WITHIN_MS;
  let states = match.statesAt(dump);
  while (states.some((known) => "why" in known) && performance.now() < endMs) {
    await delay(STATES_LOOK_MS);
    states = match.statesAt(dump);
  }
  match.keepStates(false);
  return states.map((known) =>
    "why" in known ? known : { ownId: known.ownId, bodies: [...known.bodies] },
  );
}

async function close(group: string): Promise<null> {
  const players = groups.get(group) ?? [];
  groups.delete(group);
  matches.delete(group);
  for (const player of players) player.leave();
  await inTime(Promise.all(players.map((player) => player.closed)), "left");
  return null;
}

async function run(
  group: string,
  isRunning: boolean,
  messages: number,
): Promise<{ ticks: number; commands: number }> {
  const [first] = groups.get(group) ?? [];
  if (first === undefined) throw new Error(`nobody is in ${group}`);
  const words = Buffer.from([17, 0xa3, ...Buffer.from("run"), isRunning ? 1 : 0, messages]);
  if (isRunning) {
    first.send(words);
    return { ticks: 0, commands: 0 };
  }
  const answer = await inTime(first.ask(words), "answered");
  return { ticks: answer.readUInt32LE(0), commands: answer.readUInt32LE(4) };
}

/** Sends by what the clock says is due, so that a late timer changes when commands are sent, not how many. */
function command(
  group: string,
  forMs: number,
  messageOf: (player: number, nth: number) => Buffer,
): Promise<number> {
  const players = groups.get(group) ?? [];
  const slotMs = COMMAND_INTERVAL_MS / COMMAND_SLOTS;
  const startMs = performance.now();
  const slots = Math.floor(forMs / slotMs);
  let next = 0;
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(slots, Math.floor((performance.now() - startMs) / slotMs));
      for (; next < due; next++) {
        for (let at = next % COMMAND_SLOTS; at < players.length; at += COMMAND_SLOTS) {
          players[at]?.send(messageOf(at, 1 + Math.floor(next / COMMAND_SLOTS)));
          sent++;
        }
      }
      if (next < slots) return;
      clearInterval(timer);
      resolve(sent);
    }, slotMs);
  });
}

function count(group: string): Received {
  const sum: Received = { patches: 0, messages: 0, bytes: 0, wireBytes: 0 };
  for (const { received } of groups.get(group) ?? []) {
    for (const kind of ["patches", "messages", "bytes", "wireBytes"] as const) {
      sum[kind] += received[kind];
      received[kind] = 0;
    }
  }
  return sum;
}

function inTime<Value>(wanted: Promise<Value>, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not all ${what} within ${GROUP_TIMEOUT_MS} ms`)),
      GROUP_TIMEOUT_MS,
    );
    wanted.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
