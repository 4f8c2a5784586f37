/**
 * Servers, page, bots and file watching together, from start to Ctrl-C.
 * @module
 */
import type { Server } from "node:http";
import { BotCrew } from "./bot-crew.ts";
import { watchFolders } from "./file-watch.ts";
import { GameServer, type ServerAddress } from "./game-server.ts";
import { buildPage, type PageFiles } from "./page-build.ts";
import { servePage } from "./page-server.ts";

const GAMES = ["arena", "duel"] as const;

const SERVER_SOURCES = new Set(["server", "rooms", "protocol"]);
const PAGE_SOURCES = new Set(["client", "rooms", "protocol"]);

/** After this everything should have closed by itself; what has not is named by exit code 0 all the same. */
const EXIT_TIMEOUT_MS = 1_000;

/** @returns The exit code, once a signal has ended everything. @throws Error when something does not start. */
export async function runDevelopment(port: number): Promise<number> {
  const development = new Development();
  const ended = development.endOnSignal();
  try {
    await development.start(port);
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
  #stopWatching: () => void = () => {};
  readonly #servers: readonly GameServer[];
  readonly #bots: BotCrew;

  constructor() {
    const deps = { print, isEnding: () => this.isEnding };
    this.#servers = GAMES.map((game) => new GameServer(game, deps));
    this.#bots = new BotCrew({
      addressOf: (game) => this.#addresses().find((address) => address.game === game),
    });
  }

  async start(port: number): Promise<void> {
    this.#files = await buildPage();
    // One after the other: both look for the first free port of the same range.
    for (const server of this.#servers) await server.start();
    const { server, url } = await servePage(
      {
        files: () => this.#files,
        servers: () => this.#addresses(),
        addBots: (order) => this.#bots.add(order),
      },
      port,
    );
    this.#page = server;
    this.#watch();
    print(`Open ${url} in two tabs to play against yourself. Ctrl-C ends it.`);
  }

  /** Settles when SIGINT, SIGTERM or SIGHUP has ended everything. A second one ends at once. */
  endOnSignal(): Promise<void> {
    return new Promise((resolve) => {
      const onSignal = (): void => {
        if (this.isEnding) {
          for (const server of this.#servers) server.kill();
          process.exit(0);
        }
        void this.end().then(resolve);
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
    });
  }

  async end(): Promise<void> {
    this.isEnding = true;
    this.#stopWatching();
    this.#page?.close();
    this.#page?.closeAllConnections();
    // Together: a server waits for its players, and the bots are players.
    await Promise.all([this.#bots.end(), ...this.#servers.map((server) => server.stop())]);
    setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
  }

  #addresses(): ServerAddress[] {
    return this.#servers.flatMap((server) => server.address ?? []);
  }

  #watch(): void {
    this.#stopWatching = watchFolders(
      ["server", "rooms", "protocol", "client"],
      (folders) => {
        if ([...folders].some((folder) => PAGE_SOURCES.has(folder))) void this.#rebuildPage();
        if ([...folders].some((folder) => SERVER_SOURCES.has(folder))) void this.#restartServers();
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

  async #restartServers(): Promise<void> {
    print("servers: sources changed, restarting.");
    for (const server of this.#servers) await server.restart();
  }
}

function print(line: string): void {
  console.log(line);
}
