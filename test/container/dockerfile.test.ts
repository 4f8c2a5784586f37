import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { readConfig } from "../../server/config.ts";
import type { ConfigInput } from "../../server/config-sources.ts";
import { copyOf, execForm, isIgnored, parseDockerfile } from "./dockerfile.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

const text = read("Dockerfile");
const rules = read(".dockerignore");
const { arguments: given, stages } = parseDockerfile(text);
const [build, final] = stages;
const inFinal = (name: string) =>
  (final?.instructions ?? []).filter((instruction) => instruction.name === name);
const everything = stages.flatMap(({ instructions }) => instructions);

describe("Dockerfile", () => {
  it("[IF20] builds in one stage and ships another, both of images with a tag that can be given with a digest", () => {
    expect(stages.map(({ alias }) => alias)).toEqual(["build", undefined]);
    for (const { image } of stages) {
      expect(image).toMatch(/^[a-z0-9.-]+(\/[a-z0-9.-]+)+:[a-zA-Z0-9._-]+$/);
      expect(image).not.toMatch(/:latest$/);
    }
    expect([...given.keys()]).toEqual(["NODE_IMAGE", "BASE_IMAGE"]);
    expect(read("docs/INFRA.md")).toContain(`--build-arg NODE_IMAGE=${given.get("NODE_IMAGE")}@`);
    expect(read("docs/INFRA.md")).toContain(`--build-arg BASE_IMAGE=${given.get("BASE_IMAGE")}@`);
  });

  it("[IF20] has the Node that everything here is tested with", () => {
    expect(build?.image).toContain(`node:${packageJson.devDependencies.node}-`);
  });

  it("[IF20] installs what the lock file names, runs no script of a package, and builds the same bundle", () => {
    const runs = (build?.instructions ?? []).filter(({ name }) => name === "RUN");
    const [install, bundle, ...others] = runs.map(({ words }) => words);
    expect(execForm(install ?? "")).toEqual(
      expect.arrayContaining(["npm", "ci", "--omit=dev", "--ignore-scripts"]),
    );
    expect(bundle).toMatch(/^node scripts\/build\.ts --out \/out\/dist/);
    expect(packageJson.scripts.build).toContain("node scripts/build.ts");
    expect(others).toEqual([]);
    expect(inFinal("RUN")).toEqual([]);
  });

  it("[IF21] is not root, by number, and hears signals itself: exec forms without a shell", () => {
    expect(inFinal("USER").map(({ words }) => words)).toEqual(["65532:65532"]);
    const entry = execForm(inFinal("ENTRYPOINT")[0]?.words ?? "");
    expect(entry).toEqual(["/app/bin/node", "/app/dist/server.mjs"]);
    expect(inFinal("CMD")).toEqual([]);
    expect(inFinal("STOPSIGNAL")[0]?.words).toBe("SIGTERM");
    const [, check = ""] = inFinal("HEALTHCHECK")[0]?.words.split(" CMD ") ?? [];
    expect(execForm(check)).toEqual(["/app/bin/node", "/app/health.mts"]);
  });

  it("[IF21] has its programs where they are copied to", () => {
    expect(inFinal("WORKDIR")[0]?.words).toBe("/app");
    const copies = inFinal("COPY").map(copyOf);
    expect(copies.map(({ target }) => target)).toEqual([
      ...["bin/node", "bin/LICENSE", "dist/", "health.mts", "fleetroom.json"],
    ]);
  });

  it("[IF21] says what it is", () => {
    const labels = inFinal("LABEL").flatMap(({ words }) => words.match(/org\.[a-z.]+(?==)/g) ?? []);
    expect(labels.map((label) => label.replace("org.opencontainers.image.", "")).sort()).toEqual([
      ...["description", "licenses", "revision", "title", "version"],
    ]);
    expect(text).toContain(`licenses="${packageJson.license}"`);
  });

  it("[IF22] copies what is there and what .dockerignore lets through", () => {
    const copies = everything.filter(({ name }) => name === "COPY").map(copyOf);
    const ours = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
    expect(ours.length).toBeGreaterThan(8);
    for (const source of ours) {
      const file = source.replace(/\/$/, "");
      expect(existsSync(path.join(ROOT, file)), source).toBe(true);
      expect(isIgnored(rules, file), source).toBe(false);
    }
    for (const { from } of copies) if (from !== undefined) expect(from).toBe("build");
  });

  it("[IF22] cannot take in what nobody named: secrets, the work tree's history, installed packages", () => {
    const never = [
      ...[".env", ".git/config", ".npmrc", "key.pem", "server/.env.local", "server/tls/key.pem"],
      ...["node_modules/ws/index.js", "rooms/mine/node_modules/x/y.js", "docs/INFRA.md", "logs/a"],
      ...["dist/server.mjs", "infra/ec2-fleet.yaml", ".fleetroom/journals/x"],
    ];
    expect(never.filter((file) => !isIgnored(rules, file))).toEqual([]);
    expect(isIgnored(rules, "infra/container/fleetroom.json")).toBe(false);
    expect(isIgnored(rules, "server/session/admission.ts")).toBe(false);
  });

  it("[IF22] holds no secret, and asks for none", () => {
    const named = everything.filter(({ name }) => name === "ENV" || name === "ARG");
    for (const { words } of named) {
      expect(words).not.toMatch(/token|secret|password|credential|access_?key/i);
    }
    expect(text).not.toMatch(/\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN/);
  });

  it("[IF23] sets the server up so that it writes nothing, and listens where the container group and the health check say", () => {
    const input: ConfigInput = {
      env: { GAMELIFT_COMPUTE_TYPE: "CONTAINER", NODE_ENV: "production" },
      argv: [],
      cwd: "/app",
      readFile: (file) =>
        file === "/app/fleetroom.json" ? read("infra/container/fleetroom.json") : undefined,
    };
    const config = readConfig(input);
    expect(config.fleet).toBe("gamelift");
    expect(config).toMatchObject({
      ports: [7000],
      adminPorts: [7100],
      journalDir: "",
      resultsDir: "",
    });
    expect(config.telemetry).toMatchObject({ collectors: "stdout" });
    expect(config.telemetry.logs.dir).toBe("");
    expect(config.telemetry.targetsDir).toBe("");
    expect(inFinal("ENV").map(({ words }) => words)).toEqual(["NODE_ENV=production"]);
    expect(inFinal("EXPOSE")[0]?.words).toBe("7000/tcp");
  });
});

const hasHadolint = spawnSync("hadolint", ["--version"]).status === 0;

it.skipIf(!hasHadolint)("[IF20] hadolint finds nothing, where it is installed", () => {
  const { stdout, status } = spawnSync("hadolint", ["Dockerfile"], { cwd: ROOT, encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
