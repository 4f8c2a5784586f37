import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import os from "node:os";
import path from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, openEmulator } from "../../emulator/emulator.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import {
  DEVELOPMENT_QUEUE,
  DEVELOPMENT_REGION,
  developmentFleetFile,
} from "../../scripts/dev/fleet-file.ts";
import { buildPage } from "../../scripts/dev/page-build.ts";
import { servePage } from "../../scripts/dev/page-server.ts";
import { LobbyProcess } from "../support/lobby-process.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (CHROMIUM === undefined) {
  process.stderr.write(
    "SKIPPED: the demo page in a browser; install Debian's chromium to run it\n",
  );
}

const ROOT = path.join(import.meta.dirname, "../..");

interface Demo {
  readonly connectionState: string;
  readonly seat: number;
  readonly ownShip: { readonly x: number; readonly y: number } | undefined;
  readonly shipsCount: number;
  readonly phase: string;
}

/** Text, so that it is evaluated in the page; its policy forbids that to the page's own code alone. */
const DEMO = "({ ...window.fleetroomDemo })";
const demoOf = (page: Page) => page.evaluate(DEMO) as Promise<Demo>;

async function becomes(page: Page, isTrue: (demo: Demo) => boolean): Promise<void> {
  await expect.poll(async () => isTrue(await demoOf(page)), { timeout: 20_000 }).toBe(true);
}

describe.skipIf(CHROMIUM === undefined)("the demo page in headless Chromium", () => {
  let emulator: Emulator;
  let lobby: LobbyProcess;
  let pageServer: { server: Server; url: string };
  let context: BrowserContext;
  const profile = mkdtempSync(path.join(os.tmpdir(), "fleetroom-chromium-"));
  const complaints: string[] = [];
  /** All that pages asked for, as method and URL. */
  const requests: string[] = [];
  const webSockets: string[] = [];

  beforeAll(async () => {
    const files = await buildPage();
    const lobbyUrl = () => lobby.url;
    pageServer = await servePage({ files: () => files, lobbyUrl }, 0);
    // One server process for each game; both may host either.
    const fleetFile = JSON.stringify(developmentFleetFile([pageServer.url], {}, 2));
    emulator = await openEmulator({
      fleetFile: parseFleetFile(fleetFile, "fleet"),
      launchRoots: [ROOT],
      environment: process.env,
      print: () => {},
    });
    lobby = await LobbyProcess.start({
      AWS_ACCESS_KEY_ID: "any",
      AWS_SECRET_ACCESS_KEY: "any",
      LOBBY_GAMES: "arena:32,duel:2",
      LOBBY_QUEUE: DEVELOPMENT_QUEUE,
      LOBBY_REGION: DEVELOPMENT_REGION,
      LOBBY_ENDPOINT_URL: emulator.url,
      LOBBY_ORIGINS: pageServer.url,
      LOBBY_PORT: "0",
    });
    context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM ?? "",
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    pageServer?.server.close();
    pageServer?.server.closeAllConnections();
    await Promise.all([lobby?.stop(), emulator?.close()]);
    rmSync(profile, { recursive: true, force: true });
  });

  async function open(game: string): Promise<Page> {
    const page = await context.newPage();
    page.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
    page.on("websocket", (socket) => webSockets.push(socket.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${pageServer.url}/?game=${game}`);
    await becomes(page, (demo) => demo.connectionState === "playing");
    return page;
  }

  /** Every seat that the fleet ever gave. */
  const playerSessions = () => {
    const { gameSessions, playerSessions: sessions } = emulator.plane;
    const all = gameSessions.list().flatMap(({ gameSessionId }) => sessions.of(gameSessionId));
    return all.map(({ playerSessionId }) => playerSessionId);
  };

  it("[CL11] lets two tabs of another origin play one match, each in a seat of its own", async () => {
    const one = await open("arena");
    const two = await open("arena");
    await becomes(one, (demo) => demo.shipsCount === 2);
    const [first, second] = [await demoOf(one), await demoOf(two)];
    expect(new Set([first.seat, second.seat]).size).toBe(2);
    await one.bringToFront();
    const before = (await demoOf(one)).ownShip;
    await one.keyboard.down("KeyD");
    await one.keyboard.down("KeyS");
    await one.waitForTimeout(700);
    await one.keyboard.up("KeyD");
    await one.keyboard.up("KeyS");
    const after = (await demoOf(one)).ownShip;
    expect(
      Math.hypot((after?.x ?? 0) - (before?.x ?? 0), (after?.y ?? 0) - (before?.y ?? 0)),
    ).toBeGreaterThan(0.5);
    await one.close();
    await two.close();
  }, 60_000);

  it("[CL12] puts a refreshed tab back into its seat", async () => {
    const page = await open("arena");
    const { seat } = await demoOf(page);
    const seats = playerSessions();
    await page.reload();
    await becomes(page, (demo) => demo.connectionState === "playing");
    expect((await demoOf(page)).seat).toBe(seat);
    expect(playerSessions()).toEqual(seats);
    await page.close();
  }, 60_000);

  it("[CL13] plays a duel in two tabs", async () => {
    const tabs = [await open("duel"), await open("duel")];
    for (const tab of tabs) await becomes(tab, (demo) => demo.phase === "playing");
    expect((await Promise.all(tabs.map(demoOf))).map(({ seat }) => seat).sort()).toEqual([0, 1]);
    await Promise.all(tabs.map((tab) => tab.close()));
  }, 60_000);

  it("[CL18] asks the lobby, and a game port for one WebSocket per connection, and puts no secret into a URL", () => {
    expect(new Set(webSockets.map((url) => new URL(url).pathname))).toEqual(new Set(["/play"]));
    // Two tabs, a tab and its refresh, two tabs of another game.
    const ports = webSockets.map((url) => new URL(url).port);
    expect(ports).toEqual([...new Array(4).fill(ports[0]), ...new Array(2).fill(ports[4])]);
    expect(ports[4]).not.toBe(ports[0]);
    const asked = requests.map((each) => each.replace(/^[A-Z]+ /, ""));
    const origins = new Set(asked.map((url) => new URL(url).origin));
    expect(origins).toEqual(new Set([pageServer.url, lobby.url]));
    expect([...asked, ...webSockets].join()).not.toMatch(/psess-|[?&](?!game=)/);
  });

  it("[CL9] breaks no rule of its content security policy and throws nothing", () => {
    expect(complaints).toEqual([]);
  });
});
