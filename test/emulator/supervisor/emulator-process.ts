/**
 * Stands for an emulator in a process of its own: `node emulator-process.ts WAY MARK PROCESSES`, until it is killed. It
 * writes the watchdog's process id, then what its processes say.
 * @module
 */
import { RealWorld } from "./real-world.ts";

const [way = "", mark = "", processes = "1"] = process.argv.slice(2);
const world = new RealWorld({ parameters: `${way} ${mark}`, processes: Number(processes) });

let said = 0;
const timer = setInterval(() => {
  const all = world.said();
  for (const line of all.slice(said)) {
    process.stdout.write(`${JSON.stringify({ ...line, watchdog: world.children.watchdog.pid })}\n`);
  }
  said = all.length;
}, 20);

// Whoever should kill it is gone.
setTimeout(() => {
  clearInterval(timer);
  void world.dispose();
}, 60_000);
