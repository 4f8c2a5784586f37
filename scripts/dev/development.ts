/**
 * Fleet, lobby, page, bots and file watching together, from start to Ctrl-C.
 * @module
 */
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { StopSignals } from "../../emulator/stop-signals.ts";
import { BotCrew } from "./bot-crew.ts";
import { ChildProgram } from "./child-program.ts";
import { watchFolders } from "./file-watch.ts";
import { DevelopmentFleet } from "./fleet.ts";
import { DEVELOPMENT_QUEUE, DEVELOPMENT_REGION, ownSettings } from "./fleet-file.ts";
import { buildPage, type PageFiles } from "./page-build.ts";
import { servePage } from "./page-server.ts";
import { type RunningPrometheus, startPrometheus } from "./prometheus.ts";

/** Seats of a match. */
const GAMES = { arena: 32, duel: 2 } as const;

const SERVER_SOURCES = new Set(["server", "rooms", "protocol"]);
const PAGE_SOURCES = new Set(["client", "rooms", "protocol"]);

/** Where the lobby is when nothing else is. */
const LOBBY_PORT = 8090;

/** After this everything should have closed by itself; what has not is named by exit code 0 all the same. */
const EXIT_TIMEOUT_MS = 1_000;

/** Prometheus's own, when nothing else is there. */
const PROMETHEUS_PORT = 9090;

/** What is of no use after the run, below the repository. */
const DATA = fileURLToPath(new URL("../../.fleetroom/dev/", import.meta.url));

export interface DevelopmentFlags {
  /** Of the page. */
  readonly port: number;
  /** Whether Prometheus is run, where it is installed. */
  readonly hasPrometheus: boolean;
}

/** @returns The exit code, once a signal has ended everything. @throws Error when something does not start. */
export async function runDevelopment(flags: DevelopmentFlags): Promise<number> {
  const development = new Development();
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
  #files: PageFiles = new Map();
  #page: Server | undefined;
  #fleet: DevelopmentFleet | undefined;
  #lobby: ChildProgram | undefined;
  #prometheus: RunningPrometheus | undefined;
  #stopWatching: () => void = () => {};
  readonly #bots = new BotCrew({ lobbyUrl: () => this.#lobby?.url });

  async start({ port, hasPrometheus }: DevelopmentFlags): Promise<void> {
    this.#files = await buildPage();
    const { server, url } = await servePage(
      {
        files: () => this.#files,
        lobbyUrl: () => this.#lobby?.url,
        addBots: (order) => this.#bots.add(order),
      },
      port,
    );
    this.#page = server;
    const origins = [url, url.replace("127.0.0.1", "localhost")];
    const targetsDir = process.env["FLEETROOM_TARGETS_DIR"] || `${DATA}targets`;
    const environment = hasPrometheus
      ? { ...process.env, FLEETROOM_TARGETS_DIR: targetsDir }
      : process.env;
    const { lost } = ownSettings(environment);
    if (lost.length > 0) {
      print(`${lost.join(", ")}: not passed on to servers; fleetroom.json takes most settings.`);
    }
    this.#fleet = await DevelopmentFleet.open({
      origins,
      environment,
      // Once all is ending, how a server ends is no news.
      print: (line) => this.isEnding || print(line),
    });
    this.#lobby = this.#lobbyOf(this.#fleet, origins, await freePort(LOBBY_PORT));
    const lobbyUrl = await this.#lobby.start();
    if (hasPrometheus) void this.#scrape(targetsDir);
    this.#watch();
    print(`Open ${url} in two tabs to play against yourself. Ctrl-C ends it.`);
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
      this.#prometheus = startPrometheus({ targetsDir, dataDir: `${DATA}prometheus`, port });
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
    return new ChildProgram({
      name: "lobby",
      script: "backend/lobby/main.ts",
      environment: {
        PATH: process.env["PATH"],
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        LOBBY_GAMES: Object.entries(GAMES)
          .map(([game, seats]) => `${game}:${seats}`)
          .join(","),
        LOBBY_QUEUE: DEVELOPMENT_QUEUE,
        LOBBY_REGION: DEVELOPMENT_REGION,
        LOBBY_ENDPOINT_URL: fleet.url,
        LOBBY_ORIGINS: origins.join(","),
        LOBBY_PORT: String(port),
        LOBBY_JOINS_PER_MINUTE: "6000",
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
    this.#stopWatching = watchFolders(
      ["server", "rooms", "protocol", "client", "backend"],
      (folders) => {
        const some = (sources: ReadonlySet<string>) =>
          [...folders].some((each) => sources.has(each));
        if (some(PAGE_SOURCES)) void this.#rebuildPage();
        if (some(SERVER_SOURCES)) this.#restartServers();
        if (folders.has("backend")) void this.#lobby?.restart();
      },
      (folder, error) => print(`${folder}/ is not watched: ${error.message}`),
    );
  }

  async #rebuildPage(): Promise<void> {
    try {
      this.#files = await buildPage();
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
