import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Processes watched at most. */
const PROCESSES_MAX = 1_000;

export interface WatchedProcess {
  readonly pid: number;
  /** `""` until a game session was named. */
  gameSessionId: string;
}

interface Crash {
  readonly pid: number;
  readonly gameSessionId: string;
}

/**
 * Stands in for the crash reporter of Amazon's collector: watches processes that register, and counts one as crashed that
 * is gone without a goodbye. It looks when it is asked to, where the real one looks every 5 s.
 */
export class CrashReporterStandIn {
  /** One sentence for each violation. */
  readonly problems: string[] = [];
  /** Request lines, oldest first. */
  readonly requests: string[] = [];
  readonly crashes: Crash[] = [];
  /** Answered instead of 200. */
  status = 200;
  /** Requests are taken and never answered. */
  isSilent = false;
  readonly #server: Server;
  readonly #watched = new Map<number, WatchedProcess>();
  /** Said goodbye, and may be gone. */
  readonly #left = new Set<number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      // Counted before it is judged, so that nobody sees an answer to a request that is not there.
      this.requests.push(`${request.method} ${request.url}`);
      const problem = this.#take(request);
      if (problem !== undefined) this.problems.push(`${problem}: ${request.method} ${request.url}`);
      if (this.isSilent) return;
      response.writeHead(problem === undefined ? this.status : 400).end();
    });
  }

  static async open(port = 0): Promise<CrashReporterStandIn> {
    const standIn = new CrashReporterStandIn();
    standIn.#server.listen(port, "127.0.0.1");
    await once(standIn.#server, "listening");
    return standIn;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get watched(): readonly WatchedProcess[] {
    return [...this.#watched.values()];
  }

  /** Whether that process registered and said goodbye. */
  hasLeft(pid: number): boolean {
    return this.#left.has(pid);
  }

  /** Looks which of the watched processes are gone. */
  look(): void {
    for (const { pid, gameSessionId } of this.watched) {
      if (isRunning(pid)) continue;
      this.#watched.delete(pid);
      this.crashes.push({ pid, gameSessionId });
    }
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** @returns What is wrong with it. */
  #take(request: IncomingMessage): string | undefined {
    const [path = "", query = "", ...more] = (request.url ?? "").split("?");
    if (request.method !== "GET") return "not a GET";
    if (more.length > 0) return "two queries";
    if (Number(request.headers["content-length"] ?? 0) > 0) return "a body";
    const wanted = { "/register": 1, "/update": 2, "/deregister": 1 }[path];
    if (wanted === undefined) return "no such path";
    const parameters = query.split("&").map((each) => each.split("="));
    if (parameters.length !== wanted) return `${parameters.length} parameters`;
    const [[pidName, pidText = ""] = [], [idName, gameSessionId = ""] = []] = parameters;
    if (pidName !== "process_pid" || !/^[1-9]\d*$/.test(pidText)) return "no process_pid";
    if (path === "/update" && (idName !== "session_id" || gameSessionId === "")) {
      return "no session_id";
    }
    if (/%3a|%2f/i.test(gameSessionId)) return "an encoded ARN";
    return this.#follow(path, Number(pidText), gameSessionId);
  }

  #follow(path: string, pid: number, gameSessionId: string): string | undefined {
    const known = this.#watched.get(pid);
    if (path === "/register") {
      if (known !== undefined) return "registered twice";
      if (this.#watched.size >= PROCESSES_MAX) return "too many processes";
      this.#watched.set(pid, { pid, gameSessionId: "" });
      this.#left.delete(pid);
      return undefined;
    }
    if (known === undefined) return "not registered";
    if (path === "/update") known.gameSessionId = gameSessionId;
    else {
      this.#watched.delete(pid);
      this.#left.add(pid);
    }
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's, and so there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
