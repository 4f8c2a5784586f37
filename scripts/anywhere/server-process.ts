/**
 * A server as a child process: what it finds in its environment, how it ends, and where its output goes.
 * @module
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { ROOT, sourceFile } from "../source-files.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import type { ProcessEnd, RunningProcess, SdkConnection } from "./process-pool.ts";

/** Bytes of a line at most; our own servers' lines have 32,768 characters. */
const LINE_BYTES_MAX = 131_072;
const LINE_END = 10;

/** Variables that are the supervisor's alone: AWS's own, its settings, and what another compute may have left. */
const NOT_FOR_SERVERS = [
  /^AWS_/i,
  /^(BOTO|ECS)_/i,
  /^FLEETROOM_(ANYWHERE|AWS)_/,
  /^GAMELIFT_SDK_/,
  /^GAMELIFT_(ACCESS_KEY|SECRET_KEY|SESSION_TOKEN|REGION|COMPUTE_TYPE)$/,
];
const CREDENTIALS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a server that strangers can reach: everything that is not the supervisor's, and the five variables.
 * A variable that repeats one of the supervisor's own AWS keys is left out under any name.
 */
export function serverEnvironment(
  env: Environment,
  connection: SdkConnection,
): Record<string, string> {
  const keys = CREDENTIALS.flatMap((name) => env[name] || []);
  const isForServers = ([name, value]: [string, string | undefined]) =>
    !NOT_FOR_SERVERS.some((pattern) => pattern.test(name)) &&
    !keys.some((key) => value?.includes(key));
  const kept = Object.entries(env).filter(isForServers) as [string, string][];
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    GAMELIFT_SDK_WEBSOCKET_URL: connection.webSocketUrl,
    GAMELIFT_SDK_AUTH_TOKEN: connection.authToken,
    GAMELIFT_SDK_FLEET_ID: connection.fleetId,
    GAMELIFT_SDK_HOST_ID: connection.hostId,
    GAMELIFT_SDK_PROCESS_ID: connection.processId,
  };
}

export interface ServerProcessOptions {
  /** Program and arguments; empty for our own server. */
  readonly command: readonly string[];
  readonly env: Environment;
  readonly writeOut: (bytes: Uint8Array) => void;
  readonly writeError: (bytes: Uint8Array) => void;
}

/** Starts a server. Its lines go on as they are, each whole, so that JSON of several servers stays JSON. */
export function launchServer(
  options: ServerProcessOptions,
  connection: SdkConnection,
): RunningProcess {
  const [program = process.execPath, ...args] =
    options.command.length > 0 ? options.command : [process.execPath, sourceFile("server/main.ts")];
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(program, args, {
      ...(options.command.length > 0 ? {} : { cwd: ROOT }),
      env: serverEnvironment(options.env, connection),
      stdio: ["ignore", "pipe", "pipe"],
      // A terminal sends Ctrl-C to its whole group. In a group of its own a server hears of it once, from us.
      detached: true,
    });
  } catch (cause) {
    const ended = Promise.resolve({ code: null, signal: null, cause });
    return { pid: undefined, ended, kill: () => {} };
  }
  const flushOut = passLines(child.stdout, options.writeOut);
  const flushError = passLines(child.stderr, options.writeError);
  const ended = endOf(child).finally(() => {
    flushOut();
    flushError();
  });
  return { pid: child.pid, ended, kill: (signal) => kill(child, signal) };
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once("error", (cause) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, cause });
    });
    child.once("exit", (code, signal) => {
      // Its last lines come before "close"; a process that it left behind may keep the pipes open.
      const late = setTimeout(() => resolve({ code, signal }), ANYWHERE_LIMITS.lastOutputMs);
      child.once("close", () => {
        clearTimeout(late);
        resolve({ code, signal });
      });
    });
  });
}

function kill(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (signal === "SIGTERM") {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal); // No such group: the system has none, or it is gone.
  }
}

/**
 * Passes whole lines on, several at a time.
 * @returns Passes on what has no line end yet.
 */
function passLines(from: Readable, write: (bytes: Uint8Array) => void): () => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const flush = (): void => {
    if (restBytes > 0) write(Buffer.concat([...rest, Buffer.of(LINE_END)]));
    rest = [];
    restBytes = 0;
  };
  from.on("data", (chunk: Buffer) => {
    const end = chunk.lastIndexOf(LINE_END) + 1;
    if (end > 0) {
      write(Buffer.concat([...rest, chunk.subarray(0, end)]));
      rest = [];
      restBytes = 0;
    }
    if (end < chunk.length) {
      rest.push(chunk.subarray(end));
      restBytes += chunk.length - end;
    }
    if (restBytes > LINE_BYTES_MAX) flush();
  });
  from.on("error", () => {}); // The process's end says all there is to say.
  return flush;
}
