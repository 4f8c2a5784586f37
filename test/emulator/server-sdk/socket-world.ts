import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { systemClock } from "../../../emulator/clock.ts";
import { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import { durations } from "../../../emulator/plane/durations.ts";
import type { Fleet } from "../../../emulator/plane/records.ts";
import { ServerSdkService } from "../../../emulator/server-sdk/service.ts";
import type { Sighting } from "../../../emulator/server-sdk/wire-hooks.ts";
import { granted, LOCATION } from "../plane/plane-world.ts";

/** The service behind a real port on 127.0.0.1, in real time. */
export class SocketWorld implements AsyncDisposable {
  readonly plane: ControlPlane;
  readonly service: ServerSdkService;
  readonly fleet: Fleet;
  readonly sightings: Sighting[] = [];
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(tls: { cert: string; key: string } | undefined) {
    this.#scheme = tls === undefined ? "ws" : "wss";
    this.#server = tls === undefined ? createServer() : createSecureServer(tls);
    this.plane = new ControlPlane({
      clock: systemClock,
      durations: durations(),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: randomUUID,
      endpoint: () => this.url,
    });
    granted(this.plane.locations.create(LOCATION));
    this.fleet = granted(
      this.plane.fleets.create({ name: "laptop", computeType: "ANYWHERE", locations: [LOCATION] }),
    );
    const { fleetId } = this.fleet;
    granted(
      this.plane.computes.register({
        fleetId,
        computeName: "laptop",
        ipAddress: "127.0.0.1",
        dnsName: "",
        location: LOCATION,
        certificatePath: "/etc/certificates",
        type: "ANYWHERE",
      }),
    );
    this.service = new ServerSdkService({
      plane: this.plane,
      rates: true,
      onSighting: (sighting) => this.sightings.push(sighting),
    });
    this.#server.on("upgrade", (request, socket, head) =>
      this.service.handleUpgrade(request, socket, head),
    );
  }

  static async open(tls?: { cert: string; key: string }): Promise<SocketWorld> {
    const world = new SocketWorld(tls);
    world.#server.listen(0, "127.0.0.1");
    await once(world.#server, "listening");
    return world;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  environment(processId = "process-1"): Record<string, string> {
    const { fleetId } = this.fleet;
    return {
      GAMELIFT_SDK_WEBSOCKET_URL: this.url,
      GAMELIFT_SDK_AUTH_TOKEN: granted(this.plane.computes.token(fleetId, "laptop")).token,
      GAMELIFT_SDK_PROCESS_ID: processId,
      GAMELIFT_SDK_HOST_ID: "laptop",
      GAMELIFT_SDK_FLEET_ID: fleetId,
    };
  }

  /** @returns A socket that is opening. */
  dial(over: Readonly<Record<string, string>> = {}, path = "/"): WebSocket {
    const environment = this.environment();
    const query = new URLSearchParams({
      pID: "process-1",
      sdkVersion: "5.6.0",
      sdkLanguage: "Go",
      ComputeId: "laptop",
      FleetId: this.fleet.fleetId,
      IdempotencyToken: randomUUID(),
      Authorization: environment["GAMELIFT_SDK_AUTH_TOKEN"] ?? "",
      ...over,
    });
    return new WebSocket(`${this.url}${path}?${query}`, { rejectUnauthorized: false });
  }

  async connect(over: Readonly<Record<string, string>> = {}): Promise<WebSocket> {
    const socket = this.dial(over);
    await once(socket, "open");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.plane.close();
    this.service.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Sends a request and resolves with the answer. */
export async function ask(socket: WebSocket, action: string, members: object = {}) {
  const RequestId = randomUUID();
  const answer = new Promise<Record<string, unknown>>((resolve) => {
    const listener = (data: unknown) => {
      const frame = JSON.parse(String(data)) as Record<string, unknown>;
      if (frame["RequestId"] !== RequestId) return;
      socket.off("message", listener);
      resolve(frame);
    };
    socket.on("message", listener);
  });
  socket.send(JSON.stringify({ Action: action, RequestId, ...members }));
  return answer;
}
