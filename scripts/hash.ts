/**
 * `npm run hash`: prints, for each id, the 8 hex digits by which log lines name it (`playerSessionHash`, `playerIdHash`).
 * Ids are read from standard input, one a line, so that none comes into the shell's history or the list of processes.
 */
import { createInterface } from "node:readline";
import { fingerprint } from "../server/session/fingerprint.ts";

const USAGE =
  "usage: npm run --silent hash < FILE   (one id a line; or type ids, and end with Ctrl-D)";

const args = process.argv.slice(2);
if (args.some((arg) => arg.startsWith("-"))) {
  console.error(USAGE);
  process.exit(1);
}
if (args.length > 0) {
  console.error(
    "Careful: ids given as arguments stay in the shell's history, and everybody on this machine can see them meanwhile. Standard input takes them as well.",
  );
  for (const id of args) console.log(fingerprint(id));
} else {
  if (process.stdin.isTTY) console.error(USAGE);
  for await (const line of createInterface({ input: process.stdin })) {
    const id = line.trim();
    if (id !== "") console.log(fingerprint(id));
  }
}
