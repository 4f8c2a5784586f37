import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

export const hasChromium = CHROMIUM !== undefined;

/** Headless, with a profile of its own that is gone afterwards; notes what its pages ask for and complain about. */
export class Chromium implements AsyncDisposable {
  /** URLs of all requests. */
  readonly requests: string[] = [];
  /** Errors that nobody caught, and breaches of a page's policy. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async open(options: BrowserContextOptions = {}): Promise<Chromium> {
    const profile = mkdtempSync(path.join(os.tmpdir(), "fleetroom-chromium-"));
    const context = await chromium.launchPersistentContext(profile, {
      ...options,
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
    return new Chromium(context, profile);
  }

  async newPage(): Promise<Page> {
    const page = await this.#context.newPage();
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) this.complaints.push(message.text());
    });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
