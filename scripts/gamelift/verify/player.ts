/**
 * A player for verify:gamelift, in a process of its own, since Node reads the certificates that it trusts when it starts.
 * Reads where to go from standard input, one JSON object; plays, stays until the match ends, and writes a JSON object a
 * line: `joined`, `played`, `draining`, `ended`.
 */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { ArenaReceiver } from "../../../client/arena/arena-receiver.ts";
import { numberAfter } from "../../../client/arena/own-ship/command-numbers.ts";
import { joinMatch, type MatchConnection } from "../../../client/connection.ts";
import { ArenaButton, encodeArenaCommand, toTickEighths } from "../../../rooms/arena/commands.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";

/** A welcome comes with the first state, or never. */
const WELCOME_MS = 500;
const LOOK_MS = 10;

const STEPS_STRAIGHT = 20;
/** Somewhere of them there is no wall. */
const DIRECTIONS = [ArenaButton.UP, ArenaButton.RIGHT, ArenaButton.DOWN, ArenaButton.LEFT];

/** What standard input holds. The id is no argument, because everyone on the machine reads those. */
export interface PlayerOrder {
  readonly url: string;
  readonly playerSessionId: string;
  /** PEM file; for `tls:` alone. */
  readonly certificateFile: string | undefined;
  readonly playMs: number;
}

export type PlayerLine =
  | { readonly event: "joined"; readonly game?: string; readonly seat?: number }
  | {
      readonly event: "played";
      /** Snapshots and patches since the join; of a Colyseus room, which may change nothing, the first state as well. */
      readonly states: number;
      /** Of an arena: how far its ship flew, which it does by commands alone. */
      readonly flownMetres?: number;
    }
  | { readonly event: "draining"; readonly deadlineMs: number }
  | { readonly event: "ended"; readonly code: number; readonly text: string };

const order = JSON.parse(await text(process.stdin)) as PlayerOrder;
const trusted = order.certificateFile && readFileSync(order.certificateFile, "utf8");
let states = 0;

const outcome = await joinMatch<ArenaReplica>(order.playerSessionId, {
  url: order.url,
  mayReconnect: false,
  // A project's rooms may be Colyseus's, which say none.
  awaitsWelcome: false,
  ...(order.url.startsWith("tls:") && trusted ? { tlsTrusted: trusted } : {}),
  listener: {
    stateChanged: () => states++,
    draining: ({ deadlineMs }) => say({ event: "draining", deadlineMs }),
    ended: (refusal) => {
      say({ event: "ended", code: refusal.code, text: refusal.text });
      process.exit(0);
    },
  },
});
if (outcome.state === "refused") {
  say({ event: "ended", code: outcome.refusal.code, text: outcome.refusal.text });
  process.exit(1);
}
const { connection } = outcome;
for (let waitedMs = 0; !connection.isWelcome && waitedMs < WELCOME_MS; waitedMs += LOOK_MS) {
  await delay(LOOK_MS);
}
const welcome = connection.isWelcome ? connection.welcome : undefined;
if (welcome === undefined) states++;
say({ event: "joined", ...(welcome && { game: welcome.game, seat: welcome.seat }) });
const flownMetres = welcome?.game === "arena" ? await fly(connection) : await watch();
say({ event: "played", states, ...(flownMetres !== undefined && { flownMetres }) });

async function watch(): Promise<undefined> {
  connection.takeSnapshots(() => {
    states++;
    return true;
  });
  await delay(order.playMs);
}

async function fly(match: MatchConnection<ArenaReplica>): Promise<number> {
  const { welcome } = match;
  const receiver = new ArenaReceiver(welcome, () => match.state);
  let metres = 0;
  let at: { x: number; y: number } | undefined;
  match.takeSnapshots((payload) => {
    states++;
    const isRead = receiver.snapshot(payload) !== undefined;
    const ship = receiver.ship(welcome.seat);
    if (at && ship) metres += Math.hypot(ship.x - at.x, ship.y - at.y);
    at = ship && { x: ship.x, y: ship.y };
    return isRead;
  });
  let number = numberAfter(welcome.tick);
  for (let step = 0; step < (order.playMs / 1_000) * welcome.tickRateHz; step++) {
    const buttons = DIRECTIONS[Math.floor(step / STEPS_STRAIGHT) % DIRECTIONS.length] ?? 0;
    const seenTickEighths = toTickEighths(receiver.view.tick);
    const command = { tick: number, buttons, aimRadians: 0, seenTickEighths };
    if (match.sendCommand(encodeArenaCommand(command))) number = numberAfter(number);
    await delay(1_000 / welcome.tickRateHz);
  }
  return metres;
}

function say(line: PlayerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
