/**
 * Fleet, lobby, page, bots and file watching together, from start to Ctrl-C.
 * @module
 */
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { StopSignals } from "../../emulator/stop-signals.ts";
import { sourceFile } from "../source-files.ts";
import { BotCrew } from "./bot-crew.ts";
import { ChildProgram } from "./child-program.ts";
import { DevelopmentFleet } from "./fleet.ts";
import { DEVELOPMENT_QUEUE, DEVELOPMENT_REGION, ownSettings } from "./fleet-file.ts";
import type { PageFiles } from "./page-build.ts";
import { servePage } from "./page-server.ts";
import { type RunningPrometheus, startPrometheus } from "./prometheus.ts";
import type { Subject } from "./subject.ts";

/** Where the lobby is when nothing else is. */
const LOBBY_PORT = 8090;

/** After this everything should have closed by itself; what has not is named by exit code 0 all the same. */
const EXIT_TIMEOUT_MS = 1_000;

/** Prometheus's own, when nothing else is there. */
const PROMETHEUS_PORT = 9090;

/** What is of no use after the run, below the subject's folder. */
const DATA = ".fleetroom/dev";

export interface DevelopmentFlags {
  /** Of the page. */
  readonly port: number;
  /** Whether Prometheus is run, where it is installed. */
  readonly hasPrometheus: boolean;
}

/** @returns The exit code, once a signal has ended everything. @throws Error when something does not start. */
export async function runDevelopment(flags: DevelopmentFlags, subject: Subject): Promise<number> {
  const development = new Development(subject);
  const ended = development.endOnSignal();
  try {
    await development.start(flags);
  } catch (error) {
    if (!development.isEnding) {
      await development.end();
      throw error;
    }
  }
  await ended;
  return 0;
}

class Development {
  isEnding = false;
  readonly #subject: Subject;
  #files: PageFiles = new Map();
  #page: Server | undefined;
  #fleet: DevelopmentFleet | undefined;
  #lobby: ChildProgram | undefined;
  #prometheus: RunningPrometheus | undefined;
  #stopWatching: () => void = () => {};
  readonly #bots = new BotCrew({ lobbyUrl: () => this.#lobby?.url });

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  async start({ port, hasPrometheus }: DevelopmentFlags): Promise<void> {
    const { launch, launchRoots, hasBots } = this.#subject;
    this.#files = await this.#subject.page();
    const { server, url } = await servePage(
      {
        files: () => this.#files,
        lobbyUrl: () => this.#lobby?.url,
        ...(hasBots && { addBots: (order) => this.#bots.add(order) }),
      },
      port,
    );
    this.#page = server;
    const origins = [url, url.replace("127.0.0.1", "localhost")];
    // From the folder, for what a server is told must have no blank, and the way to the folder may.
    const targetsDir = process.env["FLEETROOM_TARGETS_DIR"] || `${DATA}/targets`;
    const environment = hasPrometheus
      ? { ...process.env, FLEETROOM_TARGETS_DIR: targetsDir }
      : process.env;
    const { lost } = ownSettings(environment, launch.flags);
    if (lost.length > 0) {
      print(`${lost.join(", ")}: not passed on to servers; fleetroom.json takes most settings.`);
    }
    this.#fleet = await DevelopmentFleet.open({
      origins,
      launch,
      launchRoots,
      environment,
      // Once all is ending, how a server ends is no news.
      print: (line) => this.isEnding || print(line),
    });
    this.#lobby = this.#lobbyOf(this.#fleet, origins, await freePort(LOBBY_PORT));
    const lobbyUrl = await this.#lobby.start();
    if (hasPrometheus) void this.#scrape(targetsDir);
    this.#watch();
    print(`${this.#subject.invitation(url)} Ctrl-C ends it.`);
    print(`The fleet behind it: ${this.#fleet.url}/console`);
    print(`The lobby, for Colyseus clients too: ${lobbyUrl}`);
  }

  /** Settles when SIGINT, SIGTERM or SIGHUP has ended everything. A second one ends at once. */
  async endOnSignal(): Promise<void> {
    const signals = new StopSignals(() => performance.now());
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => signals.take());
    }
    void signals.second.then(() => {
      this.#lobby?.kill();
      this.#prometheus?.child.kill("SIGKILL");
      void this.#fleet?.close();
      setTimeout(() => process.exit(0), EXIT_TIMEOUT_MS);
    });
    await signals.first;
    await this.end();
  }

  async end(): Promise<void> {
    this.isEnding = true;
    this.#stopWatching();
    this.#page?.close();
    this.#page?.closeAllConnections();
    // Together: a server waits for its players, and the bots are players.
    await Promise.all([
      this.#bots.end(),
      this.#lobby?.stop(),
      this.#fleet?.close(),
      this.#prometheus?.stop(),
    ]);
    setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
  }

  /** Where it is installed. Nothing else waits for it. */
  async #scrape(targetsDir: string): Promise<void> {
    try {
      const port = (await freePort(PROMETHEUS_PORT)) || (await anyFreePort());
      if (this.isEnding) return;
      const { folder } = this.#subject;
      this.#prometheus = startPrometheus({
        targetsDir: path.resolve(folder, targetsDir),
        dataDir: path.join(folder, DATA, "prometheus"),
        port,
      });
      if (this.#prometheus === undefined) return;
      await this.#prometheus.ready();
      print(`Metrics of the servers, in Prometheus: ${this.#prometheus.url}`);
    } catch (error) {
      if (!this.isEnding) print((error as Error).message);
    }
  }

  /** The one program that holds the fleet's credentials. */
  #lobbyOf(fleet: DevelopmentFleet, origins: readonly string[], port: number): ChildProgram {
    const { accessKeyId, secretAccessKey } = fleet.credentials;
    const subject = this.#subject;
    return new ChildProgram({
      name: "lobby",
      script: sourceFile("backend/lobby/main.ts"),
      folder: subject.folder,
      get environment() {
        return {
          PATH: process.env["PATH"],
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          LOBBY_GAMES: Object.entries(subject.games)
            .map(([game, seats]) => `${game}:${seats}`)
            .join(","),
          LOBBY_QUEUE: DEVELOPMENT_QUEUE,
          LOBBY_REGION: DEVELOPMENT_REGION,
          LOBBY_ENDPOINT_URL: fleet.url,
          LOBBY_ORIGINS: origins.join(","),
          LOBBY_PORT: String(port),
          LOBBY_JOINS_PER_MINUTE: "6000",
        };
      },
      urlIn: ({ event, port }) =>
        event === "lobby_listening" && typeof port === "number"
          ? `http://127.0.0.1:${port}`
          : undefined,
      print,
      isEnding: () => this.isEnding,
    });
  }

  #watch(): void {
    this.#stopWatching = this.#subject.watch({
      pageChanged: () => void this.#rebuildPage(),
      serversChanged: () => this.#restartServers(),
      lobbyChanged: () => void this.#lobby?.restart(),
      failed: print,
    });
  }

  async #rebuildPage(): Promise<void> {
    try {
      this.#files = await this.#subject.page();
      print("page: rebuilt; reload the tab.");
    } catch (error) {
      print(`page: not rebuilt. ${(error as Error).message}`);
    }
  }

  #restartServers(): void {
    print("servers: sources changed, restarting.");
    this.#fleet?.restartServers();
  }
}

/** @returns `wanted`, or 0 for any other when something listens there. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
    return wanted;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}

async function anyFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function print(line: string): void {
  console.log(line);
}
