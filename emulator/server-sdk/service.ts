/**
 * The service's side of the GameLift Server SDK 5 protocol: server processes connect to it by WebSocket, and what they
 * ask is what becomes of the control plane.
 * @module
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused } from "../plane/outcome.ts";
import type { ServerProcess } from "../plane/records.ts";
import { Connections } from "./connections.ts";
import {
  type Credentials,
  judgeUpgrade,
  type Upgrade,
  type UpgradeRefusal,
} from "./judge-upgrade.ts";
import { LateMessages } from "./late-messages.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { Line } from "./line.ts";
import { Notices } from "./notices.ts";
import { RequestDesk } from "./request-desk.ts";
import { readUpgradeUrl, type UpgradeQuery } from "./rules/upgrade-query.ts";
import { reset, WebSocketLine } from "./web-socket-line.ts";
import type { Cut, Sighting, WireFaults, WireProcess } from "./wire-hooks.ts";

export interface ServerSdkServiceOptions {
  readonly plane: ControlPlane;
  /** Whether requests above the documented rates of a process are answered with 429. */
  readonly rates: boolean;
  /** Whose signatures are good; anybody's unless given. */
  readonly credentials?: Credentials;
  /** A directory with `certificate.pem` and `privateKey.pem`, told to processes of fleets with a GENERATED certificate. */
  readonly certificatePath?: string;
  /** Lines for whoever runs the emulator; no secrets are in them. */
  readonly print?: (line: string) => void;
  readonly faults?: WireFaults;
  /** Is told of everything on the wire, at once; must not throw. */
  readonly onSighting?: (sighting: Sighting) => void;
}

/** Policy violation: the control plane takes no more processes. */
const CLOSE_REFUSED = 1008;
const CLOSE_GOING_AWAY = 1001;

export class ServerSdkService {
  readonly #options: ServerSdkServiceOptions;
  readonly #notices: Notices;
  readonly #late: LateMessages;
  readonly #connections: Connections;
  readonly #stopListening: () => void;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: SERVICE_LIMITS.frameBytesMax,
    // The protocol has no subprotocols: one that is offered is left unanswered.
    handleProtocols: () => false,
  });

  constructor(options: ServerSdkServiceOptions) {
    const { plane, faults } = options;
    this.#options = options;
    this.#notices = new Notices(plane.clock, (line) => options.print?.(line));
    this.#late = new LateMessages(plane.clock);
    const onSighting = (sighting: Sighting) => options.onSighting?.(sighting);
    const desk = new RequestDesk({
      plane,
      rates: options.rates,
      certificatePath: options.certificatePath ?? "",
      faults,
      late: this.#late,
      onBadFrame: (...frame) => this.#connections.badFrame(...frame),
      onSighting,
    });
    const { notices, late } = { notices: this.#notices, late: this.#late };
    this.#connections = new Connections({ plane, desk, late, notices, faults, onSighting });
    this.#stopListening = plane.happenings.listen((happening) => {
      if (happening.kind !== "process-ended") return;
      const { fleetId = "", computeName = "", processId = "" } = happening;
      const process = plane.processes.find({ fleetId, computeName, processId });
      if (process !== undefined) this.#connections.forget(process);
    });
  }

  /** Open connections of all processes. */
  get connectionCount(): number {
    return this.#connections.openCount;
  }

  /** Processes that have connected and are not over. */
  get processCount(): number {
    return this.#connections.processes.length;
  }

  /**
   * Takes a connection that is there already, such as one in memory, or refuses it.
   * @param query - Untrusted.
   * @returns The process that connected. A line that is refused stays the caller's.
   */
  accept(query: UpgradeQuery, line: Line): ServerProcess | UpgradeRefusal {
    const upgrade = this.#faulty(query) ?? this.#admitted(query, []);
    // There is nothing to be reset where no socket is.
    if (upgrade === "reset") return { status: 503, message: "A fault cut it" };
    return "status" in upgrade ? upgrade : this.#open(upgrade, query, line);
  }

  /** Takes the HTTP upgrade to a WebSocket, or answers it with a status and words. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The other side may go at any moment; its close says so.
    socket.on("error", () => {});
    const { path, query, repeated } = readUpgradeUrl(request.url ?? "");
    if (path !== "/") {
      answerUpgrade(socket, { status: 404, message: "Server processes connect to the path /" });
      return;
    }
    const upgrade = this.#faulty(query) ?? this.#admitted(query, repeated);
    if (upgrade === "reset") reset(socket);
    else if ("status" in upgrade) answerUpgrade(socket, upgrade);
    else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const line = new WebSocketLine(webSocket, socket);
        const opened = this.#open(upgrade, query, line);
        if ("status" in opened) line.close(CLOSE_REFUSED, "refused");
      });
    }
  }

  /** Strikes every open connection of a process. @returns False when there is none. */
  cut(process: WireProcess, how: Cut): boolean {
    const known = this.#options.plane.processes.find(process);
    const connections = (known && this.#connections.of(known)?.connections) ?? [];
    for (const connection of connections) {
      if (how.kind === "reset") connection.terminate();
      else if (how.kind === "half-open") connection.goDead();
      else connection.close(how.code, how.reason);
    }
    return connections.length > 0;
  }

  /** Ends all connections for good. */
  close(): void {
    this.#stopListening();
    this.#late.close();
    this.#webSockets.close();
    const connections = this.#connections.processes.flatMap((served) => served.connections);
    for (const connection of connections) connection.close(CLOSE_GOING_AWAY, "emulator ends");
    if (connections.length === 0) return;
    this.#options.plane.clock.after(SERVICE_LIMITS.closeMs, () => {
      for (const connection of connections) connection.terminate();
    });
  }

  #faulty(query: UpgradeQuery): UpgradeRefusal | "reset" | undefined {
    const { FleetId: fleetId = "", ComputeId: computeName = "", pID: processId = "" } = query;
    const fault = this.#options.faults?.beforeUpgrade({ fleetId, computeName, processId });
    if (fault === undefined) return undefined;
    if ("reset" in fault) return "reset";
    return this.#refused(query, { status: fault.status, message: "A fault refused it" });
  }

  #admitted(query: UpgradeQuery, repeated: readonly string[]): Upgrade | UpgradeRefusal {
    const { plane, credentials } = this.#options;
    const upgrade = judgeUpgrade(query, repeated, {
      plane,
      credentials,
      isKnown: (process, by) => this.#connections.of(process)?.isKnown(by) === true,
    });
    if ("status" in upgrade) return this.#refused(query, upgrade);
    if (this.#connections.openCount >= SERVICE_LIMITS.connectionsMax) {
      const message = `The emulator has ${SERVICE_LIMITS.connectionsMax} connections already`;
      return this.#refused(query, { status: 503, message });
    }
    if (this.#isWithinRate(upgrade)) return upgrade;
    const message = `Process ${upgrade.processId} connects too often: 3 times at once, then once in 10 s`;
    return this.#refused(query, { status: 429, message });
  }

  /** InitSDK and refresh are limited, a reconnect of what was connected is not. */
  #isWithinRate({ process, idempotencyToken }: Upgrade): boolean {
    const served = process && this.#connections.of(process);
    if (!this.#options.rates || served === undefined) return true;
    if (served.hasToken(idempotencyToken)) return true;
    return served.rates.take("InitSDK", "", this.#options.plane.clock.nowMs());
  }

  #open(upgrade: Upgrade, query: UpgradeQuery, line: Line): ServerProcess | UpgradeRefusal {
    const outcome = this.#connections.open(upgrade, query, line);
    return isRefused(outcome)
      ? this.#refused(query, { status: 503, message: outcome.message })
      : outcome.value;
  }

  #refused(query: UpgradeQuery, refusal: UpgradeRefusal): UpgradeRefusal {
    this.#notices.tell(`A server process was refused with ${refusal.status}: ${refusal.message}`);
    this.#options.onSighting?.({ kind: "refused", query, ...refusal });
    return refusal;
  }
}

function answerUpgrade(socket: Duplex, { status, message }: UpgradeRefusal): void {
  const body = `${message}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
