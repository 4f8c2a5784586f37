/**
 * An emulator whose server processes are scripted, what reaches it over the wire, and the scripts as a person runs them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import type { ServerProcess } from "../../../emulator/plane/records.ts";
import { type ZipMember, zipOf } from "../../emulator/builds/zips.ts";
import { EmulatorWorld } from "../../emulator/emulator-world.ts";
import { granted, RecordingLink } from "../../emulator/plane/plane-world.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

export const SERVER_SDK_VERSION = "5.6.0";
export const MANIFEST = {
  name: "game",
  version: "1.2.3",
  operatingSystem: "AMAZON_LINUX_2023",
  serverSdkVersion: SERVER_SDK_VERSION,
  launchPath: "/local/game/bin/node",
};
export const NODE: ZipMember = { name: "bin/node", content: "#!/bin/sh\n", mode: 0o100755 };
export const manifest = (over: object = {}): ZipMember => ({
  name: "manifest.json",
  content: JSON.stringify({ ...MANIFEST, ...over }),
});

/** One call as it went over the wire. */
export interface SentCall {
  readonly operation: string;
  readonly input: unknown;
}

export interface ScriptEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class FleetsWorld implements AsyncDisposable {
  readonly world: EmulatorWorld;
  readonly sent: SentCall[] = [];
  /** Every process says that it is ready as soon as it is started. */
  arePrompt = true;
  /** Uploads whose connection breaks when they have come. */
  brokenUploads = 0;
  readonly #proxy: Server;
  readonly #stop: () => void;

  private constructor(world: EmulatorWorld) {
    this.world = world;
    this.#proxy = this.#recording();
    const { plane } = world.emulator;
    this.#stop = plane.happenings.listen(({ kind, processId }) => {
      if (kind !== "process-started" || !this.arePrompt) return;
      // Not in the middle of its start.
      setImmediate(() => this.#ready(processId));
    });
  }

  static async open(timeScale = 100): Promise<FleetsWorld> {
    const here = new FleetsWorld(await EmulatorWorld.open({ hasRates: false, timeScale }));
    await new Promise<void>((resolve) => here.#proxy.listen(0, "127.0.0.1", resolve));
    return here;
  }

  get plane() {
    return this.world.emulator.plane;
  }

  /** Of the proxy before the emulator. */
  get url(): string {
    return `http://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}`;
  }

  async zip(
    members: readonly ZipMember[] = [NODE, manifest()],
    name = "game.zip",
  ): Promise<string> {
    const folder = path.join(this.world.folder, "zips");
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, name);
    writeFileSync(file, await zipOf(members));
    return file;
  }

  run(script: string, args: readonly string[], signalAfter?: string): Promise<ScriptEnd> {
    let isSignalled = false;
    return runScript(this.url, [script, ...args], (told, child) => {
      if (isSignalled || signalAfter === undefined || !told.includes(signalAfter)) return;
      isSignalled = true;
      child.kill("SIGINT");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    this.#proxy.closeAllConnections();
    await new Promise((resolve) => this.#proxy.close(resolve));
    await this.world[Symbol.asyncDispose]();
  }

  #ready(processId = ""): void {
    const found = this.plane.processes.list().find((each) => each.processId === processId);
    if (found?.state !== "STARTED") return;
    readyProcess(this.world, found);
  }

  /** Notes each request and passes it on as it is, signature and all. */
  #recording(): Server {
    return createServer(async (request, response) => {
      const body = await buffer(request);
      const [, operation = ""] =
        /GameLift\.(\w+)/.exec(String(request.headers["x-amz-target"])) ?? [];
      if (operation !== "") this.sent.push({ operation, input: JSON.parse(body.toString()) });
      else this.sent.push({ operation: "PutObject", input: putOf(request.url ?? "", body) });
      if (operation === "" && this.brokenUploads-- > 0) {
        response.destroy();
        return;
      }
      const { method, headers, url: target } = request;
      const { hostname, port } = new URL(this.world.emulator.url);
      const onward = send({ hostname, port, path: target, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      onward.end(body);
    });
  }
}

/**
 * Runs a script in a process of its own; with `--dry-run` it gets neither keys nor an address.
 * @param heard - Told all of its standard error, as often as there is more.
 */
export async function runScript(
  url: string,
  [script, ...args]: readonly string[],
  heard: (told: string, child: ChildProcess) => void = () => {},
): Promise<ScriptEnd> {
  const keys = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "canary-of-the-secret",
    FLEETROOM_AWS_ENDPOINT_URL: url,
  };
  const child = spawn(
    process.execPath,
    [`scripts/${script}.ts`, "--poll-seconds", "0.1", ...args],
    {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: "/nonexistent",
        AWS_REGION: "us-west-2",
        AWS_EC2_METADATA_DISABLED: "true",
        ...(args.includes("--dry-run") ? {} : keys),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    heard(stderr, child);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** As a server process says it. */
function readyProcess(world: EmulatorWorld, process: ServerProcess): void {
  const { processes } = world.emulator.plane;
  const sdk = { sdkVersion: SERVER_SDK_VERSION, sdkLanguage: "Go" };
  granted(processes.connect({ ...process, ...sdk }, new RecordingLink()));
  granted(processes.ready(process, { port: 7_000, logPaths: [], ...sdk }));
  granted(processes.report(process, true));
}

function putOf(url: string, body: Buffer) {
  const [, Bucket = "", Key = ""] = /^\/([^/]+)\/([^?]+)/.exec(url) ?? [];
  return { Bucket, Key, bytes: body.length };
}

/** The printed calls of a dry run. */
export function printedCalls({ stdout }: ScriptEnd): SentCall[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [, operation = "", input = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
      return { operation, input: JSON.parse(input) };
    });
}

/** A wait is many calls in a real run and one in a printed one: what comes again at once, or in turns, is left out. */
export function withoutRepeats(calls: readonly SentCall[]): SentCall[] {
  const kept: SentCall[] = [];
  let reads = new Set<string>();
  for (const call of calls) {
    const key = JSON.stringify(call);
    const isRead = /^(Describe|List)/.test(call.operation);
    // What changes something ends a wait.
    if (!isRead) reads = new Set();
    else if (reads.has(key)) continue;
    else reads.add(key);
    kept.push(call);
  }
  return kept;
}

/** Whether what was sent is what was printed, where a placeholder stands for anything. */
export function isAsPrinted(printed: unknown, sent: unknown): boolean {
  if (typeof printed === "string" && /<[^<>]+>/.test(printed)) {
    if (typeof sent !== "string") return true;
    const pattern = printed
      .split(/<[^<>]+>/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`, "s").test(sent);
  }
  if (typeof printed !== "object" || printed === null) return printed === sent;
  if (typeof sent !== "object" || sent === null) return false;
  const names = Object.keys(printed);
  return (
    names.length === Object.keys(sent).length &&
    names.every((name) =>
      isAsPrinted(
        (printed as Record<string, unknown>)[name],
        (sent as Record<string, unknown>)[name],
      ),
    )
  );
}
