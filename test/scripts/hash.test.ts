import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const hashOf = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 8);

function hash(options: { input?: string; args?: string[] }) {
  const { input = "", args = [] } = options;
  const run = spawnSync(process.execPath, ["scripts/hash.ts", ...args], { cwd: ROOT, input });
  return { code: run.status, out: run.stdout.toString(), err: run.stderr.toString() };
}

describe("npm run hash", () => {
  it("[LO10] prints the hash of each line that it reads, and nothing else", () => {
    const input = "psess-1\r\n\n  player 2\nplayer-é";
    const hashes = ["psess-1", "player 2", "player-é"].map(hashOf);
    expect(hash({ input })).toEqual({ code: 0, out: `${hashes.join("\n")}\n`, err: "" });
  });

  it("[LO10] takes arguments with a warning, which does not repeat them", () => {
    const { code, out, err } = hash({ args: ["psess-1", "b"] });
    expect({ code, out }).toEqual({ code: 0, out: `${hashOf("psess-1")}\n${hashOf("b")}\n` });
    expect(err).toMatch(/history/);
    expect(err).not.toContain("psess-1");
  });

  it("[LO10] takes no flags", () => {
    expect(hash({ args: ["--help"] })).toEqual({
      code: 1,
      out: "",
      err: expect.stringMatching(/^usage/),
    });
  });
});
