import { cpSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import type {
  Child,
  ChildCommand,
  ChildEnd,
  Children,
} from "../../../emulator/supervisor/child/child.ts";
import { GAME_FOLDER } from "../launch.ts";
import type { Jail } from "./jail.ts";

/** How a process of a fleet ended. */
export interface SeenEnd extends ChildEnd {
  readonly fleetId: string;
  readonly processId: string;
}

/** Starts what the emulator's supervisor starts, in a root of its own, and notes how it ended. */
export class JailedChildren implements Children {
  readonly ends: SeenEnd[] = [];
  /** What processes wrote, by process id; it belongs into their logs. */
  readonly output = new Map<string, string>();
  readonly environments: Readonly<Record<string, string>>[] = [];
  readonly #inner: Children;
  readonly #jail: Jail;
  readonly #shared: string;

  /** @param shared - A folder of this machine that a process is told of by its name here: it gets a copy. */
  constructor(inner: Children, jail: Jail, shared: string) {
    this.#inner = inner;
    this.#jail = jail;
    this.#shared = shared;
  }

  start(command: ChildCommand): Child {
    this.#share();
    const { environment } = command;
    const fleetId = environment["GAMELIFT_SDK_FLEET_ID"] ?? "";
    const processId = environment["GAMELIFT_SDK_PROCESS_ID"] ?? "";
    this.environments.push(environment);
    const { program, args } = this.#jail.command({
      program: this.#inside(command.program),
      args: command.args.map((arg) => this.#inside(arg)),
    });
    const child = this.#inner.start({
      ...command,
      ...{ program, args },
      output: (bytes) => this.#keep(processId, bytes, command.output),
      errorOutput: (bytes) => this.#keep(processId, bytes, command.errorOutput),
    });
    void child.ended.then((end) => this.ends.push({ ...end, fleetId, processId }));
    return child;
  }

  close(): void {
    this.#inner.close();
  }

  #keep(processId: string, bytes: Buffer, pass: (bytes: Buffer) => void): void {
    this.output.set(processId, `${this.output.get(processId) ?? ""}${bytes}`);
    pass(bytes);
  }

  #inside(word: string): string {
    return word.replaceAll(this.#jail.gameFolder, GAME_FOLDER);
  }

  #share(): void {
    const copy = path.join(this.#jail.root, this.#shared);
    if (existsSync(copy) || !existsSync(this.#shared)) return;
    mkdirSync(path.dirname(copy), { recursive: true });
    cpSync(this.#shared, copy, { recursive: true });
    this.#jail.giveToUser(copy);
  }
}
