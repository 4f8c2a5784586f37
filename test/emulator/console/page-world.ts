import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openConsole } from "../../../emulator/console/console.ts";
import { controlHandler } from "../../../emulator/faults/control.ts";
import { HappeningStreams } from "../../../emulator/faults/happening-stream.ts";
import { type PlacementView, stateOf } from "../../../emulator/faults/state.ts";
import { Front } from "../../../emulator/front/front.ts";
import { FaultWorld } from "../faults/fault-world.ts";

/** A control plane behind the real port, with its console and one server's admin port. Time stands until a test moves it. */
export class PageWorld extends FaultWorld {
  readonly placements: PlacementView[] = [];
  /** What the admin port answers. */
  health: object = {};
  readonly #streams = new HappeningStreams(this.plane.happenings, this.clock);
  #front: Front | undefined;
  #admin: Server | undefined;

  get url(): string {
    return `${this.#front?.url}/console`;
  }

  /** @param adminPorts - Asked beside the one that answers with `health`. */
  async open(runId = "run-1", port = 0, adminPorts: readonly number[] = []): Promise<void> {
    this.#admin = createServer((_, response) => response.end(JSON.stringify(this.health)));
    this.#admin.listen(0, "127.0.0.1");
    await once(this.#admin, "listening");
    const nothing = () => ({ status: 404 });
    const handlers = {
      api: nothing,
      logs: nothing,
      uploads: async () => nothing(),
      control: this.#control(),
      console: await openConsole({
        plane: this.plane,
        token: `token-of-${runId}`,
        runId,
        adminPorts: [(this.#admin.address() as AddressInfo).port, ...adminPorts],
        orderFault: (order) => this.faults.order(order),
      }),
    };
    this.#front = await Front.open({
      host: "127.0.0.1",
      port,
      tls: undefined,
      allowHosts: [],
      handlers,
      upgrade: (_, socket) => socket.destroy(),
      uuid: () => "00000000-0000-4000-8000-000000000000",
      onFault: (fault) => {
        throw fault;
      },
    });
  }

  async close(): Promise<void> {
    this.#streams.close();
    await this.#front?.close();
    this.#admin?.closeAllConnections();
    this.#admin?.close();
    this.faults.close();
    this.plane.close();
  }

  #control() {
    return controlHandler({
      state: () =>
        stateOf({
          plane: this.plane,
          census: this.faults.census,
          standing: this.faults.standing,
          placements: () => this.placements,
        }),
      happeningsSince: (sequence) => this.plane.happenings.since(sequence),
      streams: this.#streams,
      order: (order) => this.faults.order(order),
    });
  }
}
