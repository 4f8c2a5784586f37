import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused, type Outcome } from "../plane/outcome.ts";
import type { ServerProcess } from "../plane/records.ts";
import { Connection } from "./connection.ts";
import type { Upgrade } from "./judge-upgrade.ts";
import type { LateMessages } from "./late-messages.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { Line } from "./line.ts";
import type { Notices } from "./notices.ts";
import type { RequestDesk } from "./request-desk.ts";
import type { UpgradeQuery } from "./rules/upgrade-query.ts";
import { ServedProcess } from "./served-process.ts";
import type { Sighting, WireFaults } from "./wire-hooks.ts";

interface ConnectionsDeps {
  readonly plane: ControlPlane;
  readonly desk: RequestDesk;
  readonly late: LateMessages;
  readonly notices: Notices;
  readonly faults: WireFaults | undefined;
  readonly onSighting: (sighting: Sighting) => void;
}

const CLOSE_OVER = 1000;
/** "Going away": the process must not come back by it. */
const CLOSE_REPLACED = 1001;
const CLOSE_TOO_LARGE = 1009;

/** All connections, and the processes that they belong to. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #served = new Map<ServerProcess, ServedProcess>();
  /** Lines that have not ended. */
  #openCount = 0;
  #count = 0;

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
  }

  get openCount(): number {
    return this.#openCount;
  }

  get processes(): readonly ServedProcess[] {
    return [...this.#served.values()];
  }

  of(process: ServerProcess): ServedProcess | undefined {
    return this.#served.get(process);
  }

  /** Has the control plane take a process's connection, the newest of it, and listens to it. */
  open(upgrade: Upgrade, query: UpgradeQuery, line: Line): Outcome<ServerProcess> {
    const { plane } = this.#deps;
    const { fleetId, computeName } = upgrade.compute;
    const { processId, sdkVersion, sdkLanguage } = upgrade;
    const connection = new Connection(this.#count + 1, line);
    const outcome = plane.processes.connect(
      { fleetId, computeName, processId, sdkVersion, sdkLanguage },
      connection,
      this.#isReconnect(upgrade),
    );
    if (isRefused(outcome)) return outcome;
    const process = outcome.value;
    this.#count++;
    this.#openCount++;
    const known = this.#served.get(process);
    const served = known ?? new ServedProcess(process);
    const isReconnect = served.hasToken(upgrade.idempotencyToken);
    if (known === undefined) {
      this.#served.set(process, served);
      served.rates.take("InitSDK", "", plane.clock.nowMs());
    }
    const as = known === undefined ? "first" : isReconnect ? "reconnect" : "refresh";
    const surplus = served.connected(connection, upgrade);
    this.#deps.onSighting({ kind: "connected", connection: connection.number, process, query, as });
    this.#listen(served, connection, line);
    surplus?.close(CLOSE_REPLACED, "too many connections of this process");
    return outcome;
  }

  /** A process is over: its connections end, and nothing of it is kept. */
  forget(process: ServerProcess): void {
    const served = this.#served.get(process);
    this.#served.delete(process);
    for (const connection of served?.connections ?? []) {
      connection.close(CLOSE_OVER, "process is over");
    }
  }

  badFrame({ process }: ServedProcess, connection: Connection, why: string): void {
    this.#deps.notices.tell(`${process.processId}: a frame was dropped: ${why}`);
    this.#deps.onSighting({ kind: "bad-frame", connection: connection.number, process, why });
  }

  /** An SDK before 5.3 has no IdempotencyToken: whether it reconnects or refreshes cannot be told. */
  #isReconnect(upgrade: Upgrade): boolean {
    const served = upgrade.process && this.#served.get(upgrade.process);
    return upgrade.idempotencyToken !== "" && served?.isKnown(upgrade) === true;
  }

  #listen(served: ServedProcess, connection: Connection, line: Line): void {
    const { plane, desk, notices } = this.#deps;
    const { process } = served;
    connection.opened({
      onPush: (action, text) => this.#push(served, connection, action, text),
      afterAnswer: (act) => served.afterAnswer(act),
      onUnread: () => notices.tell(`${process.processId}: cut off, it does not read`),
    });
    line.listen({
      onText: (text) => {
        if (connection.isOver) return;
        if (text.length > SERVICE_LIMITS.frameBytesMax) {
          this.badFrame(served, connection, "too large");
          connection.close(CLOSE_TOO_LARGE, "frame is too large");
        } else desk.take(text, served, connection);
      },
      onBinary: () => {
        if (!connection.isOver) this.badFrame(served, connection, "binary");
      },
      onClose: (code, reason) => {
        this.#openCount--;
        connection.ended();
        served.disconnected(connection);
        const { number } = connection;
        this.#deps.onSighting({ kind: "disconnected", connection: number, process, code, reason });
        plane.processes.disconnected(process, connection);
      },
    });
  }

  #push({ process }: ServedProcess, connection: Connection, action: string, text: string): void {
    const { faults, late, onSighting } = this.#deps;
    onSighting({ kind: "push", connection: connection.number, process, action });
    const fault = faults?.beforePush(action, process);
    if (fault?.isLost !== true) late.send(connection, text, fault ?? { delayMs: 0, copies: 1 });
  }
}
