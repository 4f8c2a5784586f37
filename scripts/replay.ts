/**
 * `npm run replay FILE [-- --rooms MODULE]`: plays a journal again, compares every state hash in it and prints the
 * final one. Exits 0 if all are the same, 1 otherwise.
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Simulation } from "../rooms/simulation.ts";
import { HOST_LIMITS } from "../server/host/limits.ts";
import { replay } from "../server/host/replay.ts";
import { loadRoomsModule } from "../server/host/rooms-module.ts";

const USAGE =
  "usage: npm run replay FILE   (a .journal file; --rooms MODULE for games of your own)";

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function read(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > HOST_LIMITS.journalBytesMax)
      fail(`${file}: ${size} bytes; no journal is that large`);
    return readFileSync(file);
  } catch (error) {
    return fail(`cannot read ${file}: ${(error as Error).message}`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rooms: { type: "string" } },
});
const [file, ...rest] = positionals;
if (file === undefined || rest.length > 0) fail(USAGE);
const builtIn = fileURLToPath(new URL("../server/rooms.ts", import.meta.url));
const games = await loadRoomsModule(values.rooms ?? builtIn);
const simulations: Record<string, Simulation> = {};
for (const game of games.values()) {
  if (game.kind === "simulation") simulations[game.simulation.name] = game.simulation;
}
const outcome = replay(read(file), simulations);
switch (outcome.outcome) {
  case "same": {
    const ending = {
      result: `the match ended with result ${outcome.resultId}`,
      cut: "the journal reached its size limit here; the match went on",
      open: "the journal stops here without a result; the server may have been killed",
    }[outcome.ending];
    console.log(`${outcome.game}: ${outcome.ticks} ticks, ${ending}`);
    console.log(`final hash ${outcome.finalHash}`);
    break;
  }
  case "differs":
    fail(`${file}: differs, first at tick ${outcome.firstDifferentTick}: ${outcome.message}`);
    break;
  case "unreadable":
    fail(`${file}: ${outcome.message}`);
}
