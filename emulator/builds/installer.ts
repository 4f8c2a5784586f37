import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../clock.ts";
import { BUILD_LIMITS } from "./limits.ts";

/** A program that runs until it ends, with all that it started. */
interface InstallerProcess {
  /** Never rejects. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly cause?: unknown;
  }>;
  readonly outputEnded: Promise<void>;
  kill(): void;
}

export interface InstallerDeps {
  readonly clock: Clock;
  /** Of the files with what installers write. */
  readonly folder: string;
  readonly start: (command: {
    readonly program: string;
    /** Its working directory. */
    readonly folder: string;
    /** Takes both streams. */
    readonly output: (bytes: Buffer) => void;
  }) => InstallerProcess;
}

export type InstallerEnd =
  | { readonly outputFile: string }
  /** For the fleet's event: how it ended, its last words, and where all of them are. */
  | { readonly failure: string };

/** Runs the install.sh of a build in the build's root, as an instance does before any server process. */
export class Installer {
  readonly #deps: InstallerDeps;

  constructor(deps: InstallerDeps) {
    this.#deps = deps;
  }

  async run(
    { fleetId, root }: { readonly fleetId: string; readonly root: string },
    signal: AbortSignal,
  ): Promise<InstallerEnd> {
    const { clock, folder, start } = this.#deps;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const outputFile = path.join(folder, `install-${fleetId}.log`);
    const output = new InstallerOutput(outputFile);
    const child = start({
      program: path.join(root, "install.sh"),
      folder: root,
      output: (bytes) => output.write(bytes),
    });
    let isLate = false;
    const cancel = clock.after(BUILD_LIMITS.installerMs, () => {
      isLate = true;
      child.kill();
    });
    const kill = () => child.kill();
    signal.addEventListener("abort", kill, { once: true });
    const end = await child.ended;
    await child.outputEnded;
    signal.removeEventListener("abort", kill);
    cancel();
    await output.close();
    if (end.code === 0) return { outputFile };
    return { failure: `install.sh ${howOf(end, isLate)}. ${output.lastWords()}(${outputFile})` };
  }
}

function howOf(end: Awaited<InstallerProcess["ended"]>, isLate: boolean): string {
  if (isLate) return `took more than ${BUILD_LIMITS.installerMs / 60_000} minutes`;
  if (end.cause !== undefined) return `could not be started: ${(end.cause as Error).message}`;
  if (end.signal !== null) return `was ended by ${end.signal}`;
  // What the shell says of a program that it cannot run.
  const isUnfit = end.code === 126 || end.code === 127;
  const advice = isUnfit ? " (is it executable, and are its line ends LF alone?)" : "";
  return `ended with exit code ${end.code}${advice}`;
}

/** The first part of it into a file, the last words for the fleet's event. */
class InstallerOutput {
  readonly #stream: ReturnType<typeof createWriteStream>;
  #bytes = 0;
  #last = "";

  constructor(file: string) {
    this.#stream = createWriteStream(file, { mode: 0o600 });
    // A disk that is full must not end the emulator.
    this.#stream.on("error", () => {});
  }

  write(bytes: Buffer): void {
    const room = BUILD_LIMITS.installerOutputBytesMax - this.#bytes;
    if (room > 0) this.#stream.write(bytes.subarray(0, room));
    this.#bytes += bytes.length;
    this.#last = `${this.#last}${bytes}`.slice(-BUILD_LIMITS.installerLastCharactersMax);
  }

  lastWords(): string {
    const words = this.#last.replaceAll(/\p{Cc}+/gu, " ").trim();
    return words === "" ? "It wrote nothing. " : `Its last words: ${words} `;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once("close", resolve).once("error", () => resolve());
    this.#stream.end();
    await promise;
  }
}
