import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PageWorld } from "./page-world.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (CHROMIUM === undefined) {
  process.stderr.write("SKIPPED: the console in a browser; install Debian's chromium to run it\n");
}

const IMAGE = '<img src=x onerror="window.hacked=1">';
const SCRIPT = '"><script>window.hacked=1</script>';

describe.skipIf(CHROMIUM === undefined)("the console in headless Chromium", () => {
  const profile = mkdtempSync(path.join(os.tmpdir(), "fleetroom-console-"));
  let context: BrowserContext;
  let world: PageWorld;
  let page: Page;
  const complaints: string[] = [];
  /** All that pages asked for. */
  const requests: string[] = [];

  beforeAll(async () => {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM ?? "",
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }, 60_000);

  beforeEach(async () => {
    world = new PageWorld();
    await world.open();
    page = await context.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    return async () => {
      await page.close();
      await world.close();
    };
  });

  afterAll(async () => {
    await context?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  async function load(): Promise<void> {
    await page.goto(world.url);
    await page.getByText("live", { exact: true }).waitFor();
  }

  const press = (name: string, within = page.locator("main")) =>
    within.getByRole("button", { name, exact: true }).first().click();

  /** What the page says of what was done last. */
  const says = (words: string | RegExp) =>
    expect.poll(() => page.textContent("#message")).toMatch(words);

  it("[EC6] shows what others wrote as text: names, ids, properties, data, health and events", async () => {
    const { process, session } = world.hosting(SCRIPT.slice(0, 20), { isSupervised: true });
    const { gameSessionId } = session;
    world.plane.gameSessions.update(gameSessionId, {
      name: IMAGE,
      gameProperties: [{ key: "<b>key</b>", value: "<i>value</i>" }],
    });
    world.reserve(session, SCRIPT);
    world.registerCompute("<u>compute</u>");
    world.health = { port: 7777, "<s>ticks</s>": IMAGE };
    world.placements.push({
      placementId: IMAGE,
      queueName: SCRIPT,
      status: "PENDING",
      gameSessionId,
      maximumPlayerSessionCount: 2,
      startedAtMs: 0,
      endedAtMs: undefined,
    });
    world.plane.fleetEvents.add(process.fleetId, "GENERIC_EVENT", IMAGE);
    world.done({ fault: "answer", process: 1, status: 500, message: SCRIPT });
    await load();
    for (const text of [IMAGE, SCRIPT, "<b>key</b>=<i>value</i>", "<u>compute</u>"]) {
      await page.locator("main").getByText(text).first().waitFor();
    }
    await page.locator("main").getByText(`<s>ticks</s> ${IMAGE}`).waitFor();
    await page.locator("#events").getByText(IMAGE).waitFor();
    expect(
      await page.locator("main :is(img, script, u, i, s), #events :is(img, script)").count(),
    ).toBe(0);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
  });

  it("[EC7] creates a game session with its properties, reserves players and expires one", async () => {
    const process = world.ready("p", { isSupervised: true });
    await load();
    await page.getByText("Create a game session").click();
    await page.locator("#create [name=fleetId]").selectOption({ label: "managed" });
    await expect.poll(() => page.locator("#create [name=location]").inputValue()).toBe("us-west-2");
    await page.locator("#create").getByLabel("Players").fill("3");
    await page.locator("#create").getByLabel("Name").fill(IMAGE);
    await page.locator("#create").getByLabel("Game properties").fill("room\n");
    await press("Create");
    await says("“room” is no key=value");
    await page.locator("#create").getByLabel("Game properties").fill("room = duel\nmap=a=b\n");
    await press("Create");
    await says("Create a game session: done");
    const [session] = world.plane.gameSessions.list();
    expect(session).toMatchObject({
      name: IMAGE,
      processId: "p",
      maximumPlayerSessionCount: 3,
      gameProperties: [
        { key: "room", value: "duel" },
        { key: "map", value: "a=b" },
      ],
    });
    world.plane.gameSessions.activate(process, session!.gameSessionId);
    await page.getByLabel("Player id").fill(SCRIPT);
    await press("Reserve a player");
    await page.getByText("RESERVED", { exact: true }).waitFor();
    await press("Reserve a player");
    await says("Reserve player-1: done");
    await page.getByRole("button", { name: "Expire" }).nth(1).waitFor();
    await press("Expire");
    await says(`Expire ${SCRIPT}: done`);
    const players = world.plane.playerSessions.of(session!.gameSessionId);
    expect(players.map(({ playerId, status }) => [playerId, status])).toEqual([
      [SCRIPT, "TIMEDOUT"],
      ["player-1", "RESERVED"],
    ]);
    await page.getByText("TIMEDOUT", { exact: true }).first().waitFor();
  });

  it("[EC7] terminates a game session in both ways", async () => {
    const soft = world.hosting("soft", { isSupervised: true });
    await load();
    await press("Terminate", page.locator("#sessions"));
    await expect.poll(() => soft.session.status).toBe("TERMINATING");
    expect(soft.session.statusReason).toBe("TRIGGERED_ON_PROCESS_TERMINATE");
    await press("Force terminate", page.locator("#sessions"));
    await expect.poll(() => soft.session.status).toBe("TERMINATED");
    expect(world.killed).toEqual([soft.process]);
    await page.locator("#sessions").getByText("FORCE_TERMINATED").waitFor();
    await page.locator("#fleets").getByText("force-terminated").waitFor();
  });

  it("[EC7] cuts, terminates and kills a process, gives a spot notice and clears faults", async () => {
    // A name that a fault would take for something else.
    const process = world.ready("all", { isSupervised: true });
    world.ready("other");
    world.done({ fault: "slow", process: "all", by: "1s" });
    await load();
    const managed = page.locator("#fleets > article").nth(1);
    await press("Cut", managed);
    await says("Cut process all: done");
    expect(world.cuts).toEqual([{ processId: "all", how: { kind: "reset" } }]);
    await press("Spot notice", managed);
    await says("Spot notice to i-1: done");
    expect(process.terminationAtMs).toBe(world.clock.wallMs() + 120_000);
    await page.getByText("must end in 120 s").or(page.getByText("must end in 2 min")).waitFor();
    await press("Terminate", managed);
    await says(/^Terminate process all: .*already$/);
    await press("Kill", managed);
    await says("Kill process all: done");
    expect(world.killed).toEqual([process]);
    const byHand = page.locator("#fleets > article").nth(0);
    expect(await byHand.getByRole("button", { name: "Kill" }).count()).toBe(0);
    await press("Terminate", byHand);
    await says("Terminate process other: done");
    await press("Clear all");
    await page
      .getByText("nothing goes wrong on purpose")
      .or(page.locator("#faults.empty"))
      .waitFor({ state: "attached" });
    expect(world.faults.standing.list()).toEqual([]);
  });

  it.each([
    ["Matched", "COMPLETED"],
    ["Failed", "FAILED"],
    ["Timed out", "TIMED_OUT"],
    ["Cancelled", "CANCELLED"],
  ])("[EC7] ends a backfill ticket: %s", async (label, status) => {
    const { process, session } = world.hosting("p");
    const { gameSessionId } = session;
    const request = { gameSessionId, ticketId: "t", matchmakingConfigurationArn: "", players: [] };
    world.plane.backfills.start(process, request);
    await load();
    await press(label);
    await expect.poll(() => world.plane.backfills.list()[0]?.status).toBe(status);
  });

  it("[EC8] follows what happens by itself, without taking what is being typed", async () => {
    const { session } = world.hosting("p");
    await load();
    const player = page.getByLabel("Player id");
    await player.fill("half a na");
    const second = world.ready("second");
    world.reserve(session, "somebody else");
    await page.getByText("somebody else").waitFor();
    await page.locator("#events").getByText("player-session-reserved").waitFor();
    await page.keyboard.type("me");
    expect(await player.inputValue()).toBe("half a name");
    world.plane.processes.report(second, false);
    world.clock.advance(5_000);
    world.plane.processes.report(second, true);
    expect(await page.locator("#events").getByText("process-reported").first().isVisible()).toBe(
      false,
    );
    await page.getByLabel("heartbeats").check();
    await page.locator("#events").getByText("process-reported").first().waitFor();
  });

  it("[EC8] shows how many ticks a server runs, from its admin port", async () => {
    world.ready("p");
    world.health = { port: 7777, status: "ok", ranTicks: 100, ticks: "ok" };
    await load();
    await page.getByText("ranTicks 100 · ticks ok").waitFor();
    world.health = { port: 7777, status: "ok", ranTicks: 220, ticks: "ok" };
    world.clock.advance(1_000);
    await page.getByText(/^\d+ ticks\/s · ranTicks 220 · ticks ok$/).waitFor();
  });

  it("[EC8] can be used with the keyboard alone", async () => {
    world.ready("p");
    await load();
    for (let count = 0; count < 20; count++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "Cut") break;
    }
    await page.keyboard.press("Enter");
    await says("Cut process p: done");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Cut");
  });

  it.each([1280, 390])("[EC8] fits a screen that is %i pixels wide", async (width) => {
    const { session } = world.hosting(
      "a-process-with-a-long-name-that-goes-on-and-on-for-quite-a-while",
    );
    world.plane.gameSessions.update(session.gameSessionId, { name: "W".repeat(300) });
    world.reserve(session, "i".repeat(300));
    await page.setViewportSize({ width, height: 800 });
    await load();
    await page.getByText("i".repeat(300)).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  it("[EC8] follows the colours that the reader prefers", async () => {
    await load();
    const colour = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colour();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await colour()).not.toBe(light);
  });

  it("[EC9] says that the emulator is gone, and loads itself again when another run is there", async () => {
    await load();
    const { port } = new URL(world.url);
    await world.close();
    await page.getByText("connection lost").waitFor();
    world = new PageWorld();
    await world.open("run-2", Number(port));
    world.ready("p");
    await expect
      .poll(() => page.getAttribute('meta[name="console-token"]', "content"), { timeout: 15_000 })
      .toBe("token-of-run-2");
    await press("Cut");
    await says("Cut process p: done");
  });

  it("[EC6] breaks no rule of its policy, throws nothing, and asks nobody but the emulator", () => {
    expect(complaints).toEqual([]);
    expect(requests.length).toBeGreaterThan(50);
    expect(requests.filter((url) => !url.startsWith("http://127.0.0.1:"))).toEqual([]);
    const paths = new Set(requests.map((url) => new URL(url).pathname.split("/")[1]));
    expect([...paths].sort()).toEqual(["_fleetroom", "console"]);
  });
});
