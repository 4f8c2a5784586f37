/**
 * A real server and real clients in a network of their own, whose packets are lost now and then. Run by a test, as root in
 * a fresh network namespace with a tun device at file descriptor `TUN_FD`: `lossy-match.ts LOSS_SHARE DELAY_MS JITTER_MS
 * TICK_RATE_HZ SECONDS`. Writes one JSON object.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import path from "node:path";
import { joinMatch, type MatchConnection } from "../../../client/connection.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";
import { ServerProcess } from "../../support/server-process.ts";
import { LossyPlayer } from "./lossy-player.ts";

/** Two addresses of the device's network: ours, and the one that everything comes back from. */
const HERE = "10.7.0.1";
const THERE = "10.7.0.2";
const PLAYERS = 6;
const WARM_UP_MS = 4_000;
const FRAME_MS = 16;

const [lossShare, delayMs, jitterMs, tickRateHz, seconds] = process.argv.slice(2);
execFileSync("ip", ["link", "set", "lo", "up"]);
execFileSync("ip", ["addr", "add", `${HERE}/24`, "dev", "feel0"]);
execFileSync("ip", ["link", "set", "feel0", "up"]);
const wireArgs = [lossShare, delayMs, jitterMs, "1"].map(String);
const wire = spawn(
  process.execPath,
  [path.join(import.meta.dirname, "../../support/lossy-wire.ts"), ...wireArgs],
  { stdio: ["ignore", "inherit", "inherit", Number(process.env["TUN_FD"])] },
);
const server = await ServerProcess.start({
  FLEETROOM_HOST: HERE,
  FLEETROOM_ALLOW_INSECURE: "1",
  FLEETROOM_REPLICATION: "snapshots",
  FLEETROOM_TICK_RATE_HZ: String(tickRateHz),
});
const players: LossyPlayer[] = [];
try {
  for (let index = 0; index < PLAYERS; index++) {
    const scheme = index % 2 === 0 ? "tcp" : "ws";
    players.push(
      await seat(`psess-local-${index + 1}`, `${scheme}://${THERE}:${server.port}`, index),
    );
  }
  const frames = setInterval(() => {
    for (const player of players) player.frame();
  }, FRAME_MS);
  await sleep(WARM_UP_MS);
  for (const player of players) player.begin();
  await sleep(Number(seconds) * 1000);
  clearInterval(frames);
  process.stdout.write(`${JSON.stringify(players.map((player) => player.figures()))}\n`);
} finally {
  for (const player of players) void player.connection.leave();
  await server.kill();
  wire.kill();
}
process.exit();

async function seat(id: string, url: string, seed: number): Promise<LossyPlayer> {
  let player: LossyPlayer | undefined;
  const outcome = await joinMatch<ArenaReplica>(id, {
    url,
    timeoutMs: 20_000,
    listener: {
      stateChanged: () => player?.stateChanged(),
      dropped: () => player?.dropped(),
      reconnected: () => player?.reconnected(),
      ended: ({ text }) => player?.ended(text),
    },
  });
  if (outcome.state === "refused") throw new Error(outcome.refusal.text);
  player = new LossyPlayer(outcome.connection as MatchConnection<ArenaReplica>, seed);
  return player;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
