/** An emulator in this process, whose server processes are scripted. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { GameLiftClient } from "@aws-sdk/client-gamelift";
import { type Emulator, type EmulatorOptions, openEmulator } from "../../emulator/emulator.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import { ScriptedChild } from "./supervisor/supervisor-world.ts";

export const MANAGED = {
  FleetId: "fleet-managed",
  Name: "managed",
  RuntimeConfiguration: {
    ServerProcesses: [{ LaunchPath: "/local/game/server", ConcurrentExecutions: 2 }],
  },
};
export const ANYWHERE = {
  FleetId: "fleet-anywhere",
  Name: "anywhere",
  ComputeType: "ANYWHERE",
  Locations: [{ Location: "custom-here" }],
};

export class EmulatorWorld implements AsyncDisposable {
  readonly printed: string[] = [];
  readonly children: ScriptedChild[] = [];
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-emulator-test-"));
  readonly #clients: GameLiftClient[] = [];
  emulator!: Emulator;

  static async open(over: Partial<EmulatorOptions> = {}, content: object = {}) {
    const world = new EmulatorWorld();
    const root = path.join(world.folder, "game");
    mkdirSync(root);
    writeFileSync(path.join(root, "server"), "", { mode: 0o755 });
    try {
      world.emulator = await openEmulator({
        fleetFile: parseFleetFile(JSON.stringify(content), "fleet.json"),
        launchRoots: [root],
        print: (line) => world.printed.push(line),
        children: {
          start: (command) => {
            const child = new ScriptedChild(100 + world.children.length, command, 0);
            world.children.push(child);
            return child;
          },
          close: () => {},
        },
        ...over,
      });
      return world;
    } catch (error) {
      rmSync(world.folder, { recursive: true });
      throw error;
    }
  }

  /** Where the emulator keeps files. */
  get dataFolder(): string {
    return path.join(this.emulator.certificateFile, "../..");
  }

  client(over: object = {}): GameLiftClient {
    const client = new GameLiftClient({
      endpoint: this.emulator.url,
      region: "us-west-2",
      credentials: { accessKeyId: "AKIDEXAMPLE000000", secretAccessKey: "secret" },
      maxAttempts: 1,
      ...over,
    });
    this.#clients.push(client);
    return client;
  }

  /** An order to the control routes. */
  fault(order: object): Promise<Response> {
    return fetch(`${this.emulator.url}/_fleetroom/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.emulator.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
