/**
 * `npm run profile`: where a match of 200 players in the arena spends its time. Leaves a CPU profile (Chrome's DevTools and
 * editors read it), a flame graph and tables of self time in a folder that it prints. Options: `--built` for the built
 * server, `--players N`, `--tick-rate-hz N`, `--seconds N` (1 to 50).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { BuiltServer } from "../test/support/built-server.ts";
import { profileOf } from "./profile/arena-match.ts";
import { treeOf } from "./profile/cpu-profile.ts";
import { flameGraph } from "./profile/flame-graph.ts";
import { Places } from "./profile/places.ts";
import { selfTimeOf, selfTimeText } from "./profile/self-time.ts";

const WARM_UP_MS = 10_000;
/** One order to the load takes less than a minute. */
const SECONDS_MAX = 50;
const PLAYERS_MAX = 500;
const PARTS_PRINTED = 14;

const { values: options } = parseArgs({
  options: {
    built: { type: "boolean", default: false },
    players: { type: "string", default: "200" },
    "tick-rate-hz": { type: "string", default: "20" },
    seconds: { type: "string", default: "15" },
  },
});
const players = numberOf("players", options.players, 1, PLAYERS_MAX);
const tickRateHz = numberOf("tick-rate-hz", options["tick-rate-hz"], 10, 128);
const seconds = numberOf("seconds", options.seconds, 1, SECONDS_MAX);

const from = options.built ? "built" : "source";
console.error(`${players} players at ${tickRateHz} Hz, ${from}: ${WARM_UP_MS / 1000 + seconds} s`);
using built = options.built ? new BuiltServer() : undefined;
const profile = await profileOf({
  players,
  tickRateHz,
  warmUpMs: WARM_UP_MS,
  forMs: 1000 * seconds,
  built,
});
const tree = treeOf(profile);
const places = new Places();
const selfTime = selfTimeOf(tree, places);
const title = `Arena, ${players} players at ${tickRateHz} Hz, ${from}, ${seconds} s of the main thread (Node ${process.version})`;

const date = new Date().toISOString().replaceAll(/[:.]/g, "-");
const folder = path.join(".fleetroom/profiles", `${date}-${from}`);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, "server.cpuprofile"), JSON.stringify(profile));
writeFileSync(path.join(folder, "flame-graph.svg"), flameGraph(tree, places, title));
writeFileSync(path.join(folder, "self-time.md"), `${title}\n\n${selfTimeText(selfTime)}\n`);

for (const { name, us } of selfTime.parts.slice(0, PARTS_PRINTED)) {
  console.log(`${((100 * us) / selfTime.busyUs).toFixed(1).padStart(5)} %  ${name}`);
}
console.log(`\n${path.resolve(folder)}: server.cpuprofile, flame-graph.svg, self-time.md`);

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  console.error(`--${name} is ${text}: a whole number from ${min} to ${max} is allowed`);
  process.exit(2);
}
