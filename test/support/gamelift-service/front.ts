import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import type { DocumentedRates } from "../../../emulator/server-sdk/rules/rates.ts";
import type { Clock } from "../../../server/clock.ts";
import type { Ledger } from "./ledger.ts";
import { Line, type LineStream } from "./line.ts";
import { type LiveConnection, ServerProcess } from "./processes.ts";
import type { Gate } from "./upgrade.ts";

type Query = Readonly<Record<string, string>>;

/** An attempt to open a WebSocket that was read. */
export interface Upgrade {
  readonly query: Query;
  readonly atMs: number;
  /** 101, or the HTTP status it was refused with. */
  readonly status: number;
}

const FRAME_BYTES_MAX = 1024 * 1024;

interface FrontDeps {
  readonly clock: Clock;
  /** PEM; plain TCP without. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly gate: Gate;
  /** Nothing where the service enforces none. */
  readonly rates: DocumentedRates | undefined;
  readonly ledger: Ledger;
  readonly onFrame: (
    data: Buffer,
    isBinary: boolean,
    process: ServerProcess,
    connection: LiveConnection,
  ) => void;
}

/** Takes connections, judges upgrades and knows which process each WebSocket belongs to. */
export class Front {
  readonly line: Line;
  readonly upgrades: Upgrade[] = [];
  /** By pID. */
  readonly processes = new Map<string, ServerProcess>();
  /** Every upgrade is refused with this HTTP status while it is set. */
  refusedWith: number | undefined;
  readonly #deps: FrontDeps;
  readonly #http = createServer((_request, response) => response.writeHead(426).end());
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    handleProtocols: () => false,
  });
  /** What carries each stream that HTTP is spoken over. */
  readonly #streams = new WeakMap<Duplex, LineStream>();
  #connectionCount = 0;

  constructor(deps: FrontDeps) {
    this.#deps = deps;
    const secureContext = deps.tls && createSecureContext(deps.tls);
    this.line = new Line({
      clock: deps.clock,
      onChange: () => deps.ledger.changed(),
      onStream: (stream) => {
        const carrier =
          secureContext === undefined
            ? stream
            : new TLSSocket(stream, { isServer: true, secureContext });
        // A handshake or request that fails is the other side's to tell.
        carrier.on("error", () => {});
        this.#streams.set(carrier, stream);
        this.#http.emit("connection", carrier);
      },
    });
    this.#http.on("upgrade", (request, carrier, head) => this.#upgrade(request, carrier, head));
  }

  /** WebSockets that are not closed, of one process or of all. */
  open(processId?: string): readonly LiveConnection[] {
    return [...this.processes.values()]
      .filter((process) => processId === undefined || process.processId === processId)
      .flatMap(({ connections }) => connections)
      .filter(({ closed }) => closed === undefined);
  }

  close(): void {
    this.line.close();
    this.#webSockets.close();
    this.#http.close();
  }

  #upgrade(request: IncomingMessage, carrier: Duplex, head: Buffer): void {
    const { clock, gate, ledger } = this.#deps;
    const verdict = gate.judge(request, clock.wallMs());
    const { query } = verdict;
    const status = this.refusedWith ?? this.#rated(verdict.status, query);
    this.upgrades.push({ query, atMs: clock.nowMs(), status });
    ledger.violate(verdict.violations.map((text) => `upgrade: ${text}`));
    if (status === 101) {
      this.#webSockets.handleUpgrade(request, carrier, head, (socket) =>
        this.#connected(socket, this.#streams.get(carrier) as LineStream, query),
      );
    } else {
      const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Content-Length: 0"];
      carrier.end(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
    }
    ledger.changed();
  }

  /** InitSDK and refresh are limited; a reconnection of what was connected is not. */
  #rated(status: number, query: Query): number {
    const { rates, clock } = this.#deps;
    const { pID = "" } = query;
    const process = this.processes.get(pID);
    if (status !== 101 || rates === undefined || isReconnection(process, query)) return status;
    return rates.take("InitSDK", pID, clock.nowMs()) ? 101 : 429;
  }

  #connected(socket: WebSocket, stream: LineStream, query: Query): void {
    const { clock, ledger, onFrame } = this.#deps;
    const { pID = "" } = query;
    const process = this.processes.get(pID) ?? new ServerProcess(pID);
    this.processes.set(pID, process);
    const connection: LiveConnection = {
      number: ++this.#connectionCount,
      processId: pID,
      query,
      kind: kindOf(process, query),
      openedAtMs: clock.nowMs(),
      closed: undefined,
      socket,
      stream,
    };
    process.connections.push(connection);
    // What the close code does not say of it is not needed.
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) =>
      onFrame(data as Buffer, isBinary, process, connection),
    );
    socket.on("close", (code, reason) => {
      connection.closed = { code, reason: reason.toString(), atMs: clock.nowMs() };
      ledger.changed();
    });
    process.flush();
    ledger.changed();
  }
}

function kindOf(process: ServerProcess, query: Query): LiveConnection["kind"] {
  if (process.connections.length === 0) return "first";
  return isReconnection(process, query) ? "reconnect" : "refresh";
}

function isReconnection(process: ServerProcess | undefined, query: Query): boolean {
  const token = query["IdempotencyToken"];
  return process?.connections.some((each) => each.query["IdempotencyToken"] === token) === true;
}
