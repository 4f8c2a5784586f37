/**
 * Stands for an emulator in a process of its own: `node emulator-process.ts WAY MARK PROCESSES FOLDER`, until it is
 * killed. It writes what its processes say, each with the watchdog's process id.
 * @module
 */
import { RealWorld } from "./real-world.ts";

const [way = "", mark = "", processes = "1", folder = ""] = process.argv.slice(2);
const parameters = `${way} ${mark}`;
const world = new RealWorld({ parameters, processes: Number(processes), folder });

const told = new Set<number>();
const timer = setInterval(() => {
  for (const line of world.said().filter(({ pid }) => !told.has(pid))) {
    told.add(line.pid);
    process.stdout.write(`${JSON.stringify({ ...line, watchdog: world.children.watchdog.pid })}\n`);
  }
}, 20);

// Whoever should kill it is gone.
setTimeout(() => {
  clearInterval(timer);
  void world.dispose();
}, 60_000);
