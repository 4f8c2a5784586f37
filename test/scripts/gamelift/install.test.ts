import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SOURCE = path.join(import.meta.dirname, "../../../infra/gamelift/install.sh");

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "fleetroom-install-"));
  for (const name of ["bin", "cloudwatch-agent"]) mkdirSync(path.join(root, name));
  copyFileSync(SOURCE, path.join(root, "install.sh"));
  program("bin/node", "echo v24.21.0");
  agent('echo "agent $*"');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function program(name: string, body: string): void {
  writeFileSync(path.join(root, name), `#!/bin/sh\n${body}\n`);
  chmodSync(path.join(root, name), 0o755);
}
const agent = (body: string) => program("cloudwatch-agent/install.sh", body);

function install(settings: Record<string, string> = {}): { status: number | null; text: string } {
  const all = { NODE_VERSION: "24.21.0", AGENT: "optional", COLLECTORS: "agent", ...settings };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(root, "install.conf"), lines.join(""));
  const { status, stdout, stderr } = spawnSync("bash", [path.join(root, "install.sh")], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin" },
  });
  return { status, text: stdout + stderr };
}

/** As the build writes it. */
function sums(names: readonly string[]): void {
  const line = (name: string) => {
    const bytes = readFileSync(path.join(root, name));
    return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
  };
  writeFileSync(path.join(root, "SHA256SUMS"), names.map(line).join(""));
}
beforeEach(() => sums(["bin/node", "cloudwatch-agent/install.sh"]));

describe("a build's install.sh", () => {
  it("[BG6] is a script for bash with LF line ends that parses", () => {
    const text = readFileSync(SOURCE, "utf8");
    expect(text.startsWith("#!/usr/bin/env bash\n")).toBe(true);
    expect(text).not.toContain("\r");
    expect(statSync(SOURCE).mode & 0o111).toBe(0o111);
    expect(spawnSync("bash", ["-n", SOURCE]).status).toBe(0);
  });

  it("[BG6] makes its folders, sets up the agent, says so in its log too, and may run again", () => {
    const first = install();
    expect(first).toMatchObject({ status: 0 });
    expect(first.text).toContain(`agent --mode agent --root ${root}`);
    expect(readFileSync(path.join(root, "logs/install.log"), "utf8")).toBe(first.text);
    for (const name of ["logs", "targets"]) {
      expect(statSync(path.join(root, name)).isDirectory()).toBe(true);
    }
    expect(install()).toMatchObject({ status: 0 });
  });

  it("[BG6] does not need the agent where the build says so, and says what is then missing", () => {
    agent('echo "there is no dnf here" >&2; exit 1');
    sums(["bin/node"]);
    const { status, text } = install();
    expect(status).toBe(0);
    expect(text).toContain("there is no dnf here");
    expect(text).toContain("WITHOUT THE CLOUDWATCH AGENT");
  });

  it("[BG6] fails without the agent where the build requires it", () => {
    agent("exit 1");
    sums(["bin/node"]);
    const { status, text } = install({ AGENT: "required" });
    expect(status).toBe(1);
    expect(text).toMatch(/FAILED: the CloudWatch agent could not be set up/);
    expect(readFileSync(path.join(root, "logs/install.log"), "utf8")).toBe(text);
  });

  it("[BG6] leaves the agent alone where the build wants none", () => {
    const { status, text } = install({ AGENT: "off", COLLECTORS: "off" });
    expect(status).toBe(0);
    expect(text).not.toContain("agent --mode");
  });

  it("[BG6] fails when a file is not what was built, and names it", () => {
    program("bin/node", "echo v24.21.0 # changed on the way");
    const { status, text } = install();
    expect(status).toBe(1);
    expect(text).toContain("bin/node: FAILED");
    expect(text).toMatch(/FAILED: files of this build are not what they were/);
  });

  it("[BG6] fails when Node does not run here, with Node's words and what it needs", () => {
    program("bin/node", 'echo "version GLIBC_2.28 not found" >&2; exit 1');
    sums(["bin/node"]);
    const { status, text } = install();
    expect(status).toBe(1);
    expect(text).toMatch(/does not run on this machine .*GLIBC_2\.28 not found.*Amazon Linux 2023/);
  });

  it("[BG6] fails with a Node of another version", () => {
    program("bin/node", "echo v24.0.0");
    sums(["bin/node"]);
    expect(install()).toMatchObject({ status: 1 });
  });

  it("[BG6] runs where the upload lost the modes of files", () => {
    chmodSync(path.join(root, "bin/node"), 0o644);
    expect(install()).toMatchObject({ status: 0 });
  });
});
