import { open } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import type { HttpAnswer, HttpRequest } from "./front/http-exchange.ts";
import { refusal } from "./front/refusals.ts";
import { EMULATOR_LIMITS } from "./limits.ts";

export interface LogDownloadsOptions {
  /** The zip of a game session's logs, once there is one. */
  readonly archive: (gameSessionId: string) => string | undefined;
  /** Of the emulator. */
  readonly url: () => string;
  readonly clock: Clock;
  /** Not to be guessed. */
  readonly newToken: () => string;
}

interface Grant {
  readonly gameSessionId: string;
  readonly endsAtMs: number;
}

/** Hands out the logs of game sessions, by URLs that nobody guesses and that are good for a while, as S3 would. */
export class LogDownloads {
  readonly #options: LogDownloadsOptions;
  /** By token, oldest first. */
  readonly #grants = new Map<string, Grant>();

  constructor(options: LogDownloadsOptions) {
    this.#options = options;
  }

  /** @returns `undefined` while there are no logs. */
  urlFor(gameSessionId: string): string | undefined {
    const { archive, url, clock, newToken } = this.#options;
    if (archive(gameSessionId) === undefined) return undefined;
    const token = newToken();
    const endsAtMs = clock.nowMs() + EMULATOR_LIMITS.logUrlMs;
    this.#grants.set(token, { gameSessionId, endsAtMs });
    for (const oldest of this.#grants.keys()) {
      if (this.#grants.size <= EMULATOR_LIMITS.logUrlsMax) break;
      this.#grants.delete(oldest);
    }
    return `${url()}/logs/${token}`;
  }

  /** Answers `GET /logs/<token>`. */
  async handle({ path }: HttpRequest): Promise<HttpAnswer> {
    const grant = this.#grants.get(path.slice("/logs/".length));
    if (grant === undefined || grant.endsAtMs <= this.#options.clock.nowMs()) {
      return refusal(
        403,
        "this URL is not or no longer good; GetGameSessionLogUrl gives a new one",
      );
    }
    const file = this.#options.archive(grant.gameSessionId);
    const zip = file === undefined ? undefined : await open(file).catch(() => undefined);
    if (zip === undefined) return refusal(404, "the logs are gone: those of the newest are kept");
    const { size } = await zip.stat();
    const name =
      grant.gameSessionId
        .split("/")
        .at(-1)
        ?.replaceAll(/[^\w-]/g, "_") ?? "";
    return {
      status: 200,
      headers: {
        "Content-Type": "application/zip",
        "Content-Length": String(size),
        "Content-Disposition": `attachment; filename="${name}.zip"`,
      },
      body: zip.createReadStream(),
    };
  }
}
