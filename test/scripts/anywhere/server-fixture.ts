/**
 * Stands for a server in a process of its own: `node server-fixture.ts WAY`. Its lines are JSON, as a server's are.
 * SIGUSR2 is the end of its match.
 * @module
 */
import { spawn } from "node:child_process";

const say = (event: string, fields: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ event, pid: process.pid, ...fields })}\n`);
};

const LINES = 200;

/** Until a signal comes, or whoever should send one is gone for good. */
const live = (): void => {
  setTimeout(() => process.exit(9), 60_000);
};

const ways: Record<string, () => void> = {
  serves: () => {
    process.on("SIGTERM", () => {
      say("asked to end");
      process.exit(0);
    });
    process.on("SIGUSR2", () => process.exit(0));
    live();
    say("serves", { env: process.env });
  },
  "serves on": () => {
    process.on("SIGTERM", () => say("asked to end"));
    live();
    say("serves", { env: process.env });
  },
  crashes: () => {
    process.stderr.write("what went wrong");
    process.exit(3);
  },
  /** Lines in pieces that end anywhere, beside those of others. */
  talks: async () => {
    for (let line = 0; line < LINES; line++) {
      const text = `${JSON.stringify({ event: "line", pid: process.pid, line, text: "é".repeat(line * 30) })}\n`;
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 1_000) {
        process.stdout.write(bytes.subarray(at, at + 1_000));
        if (line % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    process.stdout.write("the last line has no end");
  },
  "talks without end": () => {
    process.stdout.write("x".repeat(1_000_000));
    process.stdout.write("\nend\n");
  },
  "leaves a process behind": () => {
    const left = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], {
      stdio: "inherit",
    });
    say("left", { left: left.pid });
    process.exit(0);
  },
  "has a process of its own": () => {
    const own = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], {
      stdio: "inherit",
    });
    process.on("SIGTERM", () => {});
    say("has", { own: own.pid });
  },
};

ways[process.argv[2] ?? ""]?.();
