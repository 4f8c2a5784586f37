import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TOKEN } from "../../server/admin/admin-world.ts";
import { LiveServer } from "../../server/admin/live-server.ts";
import { Chromium, hasChromium } from "../../support/chromium.ts";
import { PageWorld } from "./page-world.ts";

if (!hasChromium) {
  process.stderr.write("SKIPPED: live views in the console; install Debian's chromium to run it\n");
}

describe.skipIf(!hasChromium)("the console's live view of a server, in headless Chromium", () => {
  let chromium: Chromium;
  let world: PageWorld;
  let server: LiveServer;
  let page: Page;

  beforeAll(async () => {
    chromium = await Chromium.open();
  }, 60_000);

  beforeEach(async () => {
    world = new PageWorld();
    page = await chromium.newPage();
    return async () => {
      await page.close();
      await world.close();
      await server.close();
    };
  });

  afterAll(() => chromium?.[Symbol.asyncDispose]());

  /** A console with one process, whose admin port is that of a server of ours. */
  async function load(token = "") {
    server = new LiveServer(token);
    server.minuteOf(2.04);
    server.join("joined", 3);
    server.join("full", 2);
    server.live.roomFault({ where: "step", cause: new TypeError("x") });
    await server.open();
    await world.open("run-1", 0, [server.port]);
    const process = world.ready("p");
    await page.goto(world.url);
    return process;
  }

  const button = () => page.getByRole("button", { name: "Live", exact: true });

  it("[EC11] shows whether it keeps up, who is refused and what went wrong, until it is shut", async () => {
    await load();
    await button().click();
    const live = page.locator(".live");
    await live.getByText("Yes, it keeps up").waitFor();
    await live.getByText(/^20 of 20 steps a second · 99 % take 2\.0 ms or less/).waitFor();
    await live.getByText("refused: no seat is free: 2 in a minute, 2 in all").waitFor();
    await live.getByText("where step, TypeError").waitFor();
    expect(await live.locator("path.longest").getAttribute("d")).not.toBe("");
    await button().click();
    expect(await live.isVisible()).toBe(false);
    // Its place at the server is free again.
    const streams = Array.from({ length: 8 }, () => new AbortController());
    const tries = async () => {
      const answers = await Promise.all(
        streams.map(({ signal }) => fetch(`${server.url}live`, { signal })),
      );
      return answers.map(({ status }) => status);
    };
    expect(await tries()).toEqual(Array(8).fill(200));
    await button().click();
    await live.getByText("the server shows itself to as many readers as it may already").waitFor();
    for (const stream of streams) stream.abort();
    await live.getByText("Yes, it keeps up").waitFor();
  });

  it("[EC11] asks for the token of a server that wants one", async () => {
    await load(TOKEN);
    await button().click();
    const live = page.locator(".live");
    await live.getByText("this server shows itself to holders of its admin token only").waitFor();
    await live.getByLabel("Admin token").fill("another-token-that-is-long");
    await page.keyboard.press("Enter");
    await live.getByText("that token is not this server's").waitFor();
    await live.getByLabel("Admin token").fill(TOKEN);
    await live.getByRole("button", { name: "Show" }).click();
    await live.getByText("Yes, it keeps up").waitFor();
    expect(await live.getByLabel("Admin token").isVisible()).toBe(false);
    expect(chromium.requests.filter((url) => url.includes(TOKEN))).toEqual([]);
  });

  it("[EC11] says that nothing comes any more, and is shut when the process ends", async () => {
    const process = await load();
    await button().click();
    await page.getByText("Yes, it keeps up").waitFor();
    const { port } = server;
    await server.close();
    await page
      .locator(".live")
      .getByText(/trying again$/)
      .waitFor();
    await server.open(port);
    world.clock.advance(1_000);
    await expect
      .poll(() => page.locator(".live-link").isVisible(), { timeout: 10_000 })
      .toBe(false);
    world.plane.processes.ending(process);
    world.plane.processes.disconnected(process, world.link(process));
    await page
      .getByText("ENDED")
      .or(page.getByText("ended", { exact: true }))
      .first()
      .waitFor();
    await expect.poll(() => page.locator(".live").isVisible()).toBe(false);
    expect(await button().isVisible()).toBe(false);
  });

  it("[EC11] is not offered for a server that tells nothing of itself", async () => {
    server = new LiveServer();
    await world.open();
    world.ready("p");
    await page.goto(world.url);
    await page.getByRole("button", { name: "Cut" }).waitFor();
    expect(await button().isVisible()).toBe(false);
  });

  it.each([1280, 390])("[EC11] fits a screen that is %i pixels wide", async (width) => {
    await page.setViewportSize({ width, height: 800 });
    await load();
    await button().click();
    await page.getByText("Yes, it keeps up").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  it("[EC11] breaks no rule of the page's policy, throws nothing, and asks nobody but the emulator", () => {
    expect(chromium.complaints).toEqual([]);
    const paths = new Set(chromium.requests.map((url) => new URL(url).pathname.split("/")[1]));
    expect([...paths].sort()).toEqual(["_fleetroom", "console"]);
  });
});
