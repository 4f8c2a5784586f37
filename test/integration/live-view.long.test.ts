import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Chromium, hasChromium } from "../support/chromium.ts";
import { joinAs, refusedWith } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

if (!hasChromium) {
  process.stderr.write(
    "SKIPPED: the live view in a browser; install Debian's chromium to run it\n",
  );
}

const TOKEN = "canary-admin-token-of-this-test";

describe.skipIf(!hasChromium)("the live view of a real server process", () => {
  let chromium: Chromium;
  let page: Page;
  const cleanUp: (() => unknown)[] = [];

  beforeEach(async () => {
    chromium = await Chromium.open();
    page = await chromium.newPage();
  });

  afterEach(async () => {
    for (const clean of cleanUp.splice(0).reverse()) await clean();
    await chromium[Symbol.asyncDispose]();
  });

  async function start(env: Record<string, string> = {}): Promise<ServerProcess> {
    const server = await ServerProcess.start(env);
    cleanUp.push(() => server.kill());
    await server.line("game_session_started");
    return server;
  }

  it("[AM13] shows a match with players, a refused join, and that the server is gone", async () => {
    const server = await start();
    await page.goto(server.adminUrl);
    await page.getByText("live", { exact: true }).waitFor();
    const players = [];
    for (const number of [1, 2, 3]) players.push(await joinAs(server, `psess-local-${number}`));
    expect(await refusedWith(joinAs(server, "psess-nobody-knows"))).toBeGreaterThan(399);
    await page.getByText(/^3( of \d+)? seats taken$/).waitFor();
    const row = (words: string) => page.locator("#joins tr").filter({ hasText: words });
    await row("joined").filter({ hasText: "3" }).waitFor();
    await row("the fleet does not know the player session").filter({ hasText: "11" }).waitFor();
    // The verdict is left to how busy the machine is; that steps are run at their rate is not.
    await page.getByText(/^(Yes|No), /).waitFor();
    await page.getByText(/^\d+(\.\d)? of \d+ steps a second$/).waitFor();
    await page
      .getByText(/^[\d.]+ K?B\/s$/)
      .first()
      .waitFor();
    await server.stop();
    await page
      .getByText(/^the server does not answer; trying again, what you see is \d+ s old$/)
      .waitFor();
    expect(chromium.complaints).toEqual([]);
    expect(chromium.requests.filter((url) => !url.startsWith(server.adminUrl))).toEqual([]);
  });

  it("[AM13] asks for its token, which is in no URL, no line and no answer", async () => {
    const server = await start({ FLEETROOM_ADMIN_TOKEN: TOKEN });
    for (const path of ["/metrics", "/live"]) {
      const refused = await fetch(`${server.adminUrl}${path}`);
      expect([path, refused.status]).toEqual([path, 401]);
      expect(await refused.text()).not.toContain(TOKEN);
    }
    await page.goto(server.adminUrl);
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByText("live", { exact: true }).waitFor();
    const headers = { authorization: `Bearer ${TOKEN}` };
    const metrics = await fetch(`${server.adminUrl}/metrics`, { headers });
    expect(await metrics.text()).toContain("fleetroom_");
    await server.stop();
    expect(`${server.stdout}${server.stderr}`).not.toContain(TOKEN);
    expect(chromium.requests.filter((url) => url.includes(TOKEN))).toEqual([]);
  });
});
