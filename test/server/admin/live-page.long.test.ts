import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Chromium, hasChromium } from "../../support/chromium.ts";
import { MATCH, READING } from "../telemetry/live/live-readings.ts";
import { TOKEN } from "./admin-world.ts";
import { LiveServer } from "./live-server.ts";

if (!hasChromium) {
  process.stderr.write(
    "SKIPPED: the live page in a browser; install Debian's chromium to run it\n",
  );
}

const IMAGE = '<img src=x onerror="window.hacked=1">';

describe.skipIf(!hasChromium)("the live page in headless Chromium, with synthetic events", () => {
  let chromium: Chromium;
  let server: LiveServer;
  let page: Page;

  beforeAll(async () => {
    chromium = await Chromium.open();
  }, 60_000);

  beforeEach(async () => {
    server = new LiveServer();
    page = await chromium.newPage();
    return async () => {
      await page.close();
      await server.close();
    };
  });

  afterAll(() => chromium?.[Symbol.asyncDispose]());

  async function load(): Promise<void> {
    await server.open();
    await page.goto(server.url);
    await page.getByText("live", { exact: true }).waitFor();
  }

  /** What the page says of a fact. */
  const fact = (name: string) =>
    page
      .locator("dl div")
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator("dd")
      .textContent();

  it("[AM12] says that a server keeps up, who joined and how many play", async () => {
    server.minuteOf(2.04, 0.3);
    server.join("joined", 7);
    await load();
    await page.getByText("Yes, it keeps up").waitFor();
    await page.getByText("20 of 20 steps a second").waitFor();
    await page
      .getByText(/^arena on the local fleet, port 7000 · up \d\d s · active: gsess-1$/)
      .waitFor();
    expect(await fact("99 % of steps take")).toBe("2.0 ms or less");
    expect(await fact("one may take")).toBe("50 ms");
    expect(await fact("process")).toBe("healthy");
    expect(await fact("connected players")).toBe("7");
    await page.getByText("7 of 32 seats taken").waitFor();
    expect(await page.locator("#joins tbody tr").allTextContents()).toEqual(["joined77"]);
    await page.getByText("None.", { exact: true }).waitFor();
    // A bar for each second and no band of lost steps.
    const bars = await page.locator("path.longest").getAttribute("d");
    expect(bars?.split("z")).toHaveLength(61);
    expect(await page.locator("path.dropped").getAttribute("d")).toBe("");
  });

  it("[AM12] says that one loses steps, who is refused and why, and what went wrong", async () => {
    server.minuteOf(30, 60);
    server.live.stepOverran({ lateMs: 300, droppedTicks: 4 });
    server.minuteOf(49, 10);
    server.live.stepOverran({ lateMs: 300, droppedTicks: 4 });
    server.join("full", 12);
    server.join("joined", 2);
    server.live.roomFault({ where: "step", cause: new TypeError(IMAGE) });
    const health = { ticks: "behind", eventLoop: "slow", match: "ok" } as const;
    server.reading = { ...READING, isHealthy: false, health, match: { ...MATCH, slowClients: 2 } };
    await load();
    await page.getByText("No, it loses steps").waitFor();
    expect(await fact("process")).toBe("unwell: ticks behind, eventLoop slow");
    expect(await fact("clients too slow for patches")).toBe("2");
    expect(await page.locator("#joins tbody tr").allTextContents()).toEqual([
      "refused: no seat is free1212",
      "joined22",
    ]);
    await page.locator("#notices").getByText("where step, TypeError").waitFor();
    await page.locator("#notices").getByText("2 times").waitFor();
    expect(await page.locator("#notices li").first().getAttribute("data-level")).toBe("error");
  });

  it("[AM12] shows what a server wrote as text", async () => {
    server.live.serverListening({ port: 1, adminPort: 2, room: IMAGE, fleet: IMAGE, tls: "off" });
    await load();
    await page.getByText(/<img src=x onerror=.window\.hacked=1.> on the/).waitFor();
    expect(await page.locator("img, script:not([src])").count()).toBe(0);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
  });

  it("[AM12] follows what happens, each second", async () => {
    await load();
    const patience = { timeout: 5_000 };
    const seats = page.locator("#seats");
    for (const seatsHeld of [8, 9]) {
      server.reading = { ...READING, gameSession: { ...READING.gameSession!, seatsHeld } };
      await expect.poll(() => seats.textContent(), patience).toBe(`${seatsHeld} of 32 seats taken`);
    }
    const sending = setInterval(() => {
      const traffic = { ...READING.traffic, sentBytes: performance.now() * 100 };
      server.reading = { ...READING, traffic };
    }, 10);
    onTestFinished(() => clearInterval(sending));
    // 100,000 bytes a second.
    await expect.poll(() => fact("sent"), patience).toMatch(/^9\d\.\d KB\/s$|^10\d KB\/s$/);
    clearInterval(sending);
    server.reading = { ...READING, gameSession: undefined, match: undefined, phase: "idle" };
    await expect.poll(() => page.textContent("#verdict"), patience).toBe("No match now");
  });

  it("[AM12] says that the server is gone and how old the picture is, and comes back by itself", async () => {
    await load();
    const { port } = server;
    await server.close();
    await page
      .getByText(/^the server does not answer; trying again, what you see is \d s old$/)
      .waitFor();
    expect(await page.title()).toContain("does not answer");
    await page.getByText("what you see is 2 s old").waitFor();
    await server.open(port);
    await page.getByText("live", { exact: true }).waitFor();
  });

  it("[AM12] takes a server that says nothing any more for gone", async () => {
    await load();
    server.reading = undefined as never;
    await page.getByText(/^the server says: the answer could not be made; trying again/).waitFor();
    server.reading = READING;
    await page.getByText("live", { exact: true }).waitFor();
  });

  it("[AM12] says why the ninth is refused, and is let in when another goes", async () => {
    await load();
    const others = [];
    for (let count = 0; count < 7; count++) {
      others.push(new AbortController());
      await fetch(`${server.url}live`, { signal: others[count]!.signal });
    }
    const ninth = await chromium.newPage();
    await ninth.goto(server.url);
    await ninth
      .getByText(
        "the server says: 8 live views of this server are open, which is the most; close one; trying again",
      )
      .waitFor();
    for (const other of others) other.abort();
    await ninth.getByText("live", { exact: true }).waitFor();
    await ninth.close();
  });

  it("[AM12] asks for the token, says that one is wrong, and keeps the right one in this tab", async () => {
    server = new LiveServer(TOKEN);
    server.minuteOf(2);
    await server.open();
    await page.goto(server.url);
    await page.getByText("this server shows itself to holders of its token only").waitFor();
    await page.keyboard.type("another-token-that-is-long");
    await page.keyboard.press("Enter");
    await page.getByText("that token is not this server's").waitFor();
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("Yes, it keeps up").waitFor();
    expect(await page.locator("#token-form").isVisible()).toBe(false);
    await page.reload();
    await page.getByText("Yes, it keeps up").waitFor();
    expect(chromium.requests.filter((url) => url.includes(TOKEN))).toEqual([]);
    const another = await chromium.newPage();
    await another.goto(server.url);
    await another.getByLabel("Admin token").waitFor();
    expect(await page.evaluate("[document.cookie, localStorage.length].join()")).toBe(",0");
    await another.close();
  });

  it.each([1280, 360])("[AM12] fits a screen that is %i pixels wide", async (width) => {
    server.minuteOf(99_999, 1e9);
    server.live.serverListening({
      port: 65_535,
      adminPort: 1,
      room: "W".repeat(64),
      fleet: "W".repeat(64),
      tls: "off",
    });
    for (const outcome of ["contradicted", "fleet_unavailable"] as const)
      server.join(outcome, 9_999);
    server.live.fleetCallFailed({
      action: "describe_player_sessions",
      cause: { name: "E".repeat(32) },
    });
    await page.setViewportSize({ width, height: 800 });
    await load();
    await page.locator("#notices li").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  it("[AM12] follows the colours that the reader prefers", async () => {
    await load();
    const colour = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colour();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await colour()).not.toBe(light);
  });

  it("[AM12] breaks no rule of its policy, throws nothing, and asks nobody but its server", () => {
    expect(chromium.complaints).toEqual([]);
    expect(chromium.requests.length).toBeGreaterThan(50);
    expect(chromium.requests.filter((url) => !url.startsWith("http://127.0.0.1:"))).toEqual([]);
  });
});
