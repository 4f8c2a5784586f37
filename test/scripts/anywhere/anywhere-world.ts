import {
  type ComputeApi,
  ComputeCallError,
  type ComputeCallFault,
  type ComputeOperation,
  type ComputeToken,
  type RegisteredCompute,
} from "../../../scripts/anywhere/compute-api.ts";
import type {
  ProcessEnd,
  RunningProcess,
  SdkConnection,
} from "../../../scripts/anywhere/process-pool.ts";
import type { AnywhereEvent, AnywhereEvents, Report } from "../../../scripts/anywhere/report.ts";
import { FakeClock } from "../../support/fake-clock.ts";

type Happened = {
  [Event in AnywhereEvent]: { readonly event: Event } & AnywhereEvents[Event];
}[AnywhereEvent];

export const SDK_ENDPOINT = "wss://eu-central-1.api.amazongamelift.com";

/** A fleet that answers as it is told to, without a network; calls take no time unless they are held. */
class ScriptedComputeApi implements ComputeApi {
  readonly calls: ComputeOperation[] = [];
  readonly computes = new Map<string, RegisteredCompute>();
  readonly #clock: FakeClock;
  readonly #faults: [ComputeOperation, ComputeCallFault][] = [];
  tokenLifetimeMs = 900_000;
  tokensGiven = 0;
  /** Operations that never answer; they heed their signal. */
  readonly held = new Set<ComputeOperation>();
  /** Whether registering over a compute of the same name is a conflict. */
  conflicts = true;
  sdkEndpoint: string | undefined = SDK_ENDPOINT;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** The next calls of an operation fail so. */
  fail(operation: ComputeOperation, ...faults: readonly ComputeCallFault[]): void {
    this.#faults.push(
      ...faults.map((fault) => [operation, fault] as [typeof operation, typeof fault]),
    );
  }

  count(operation: ComputeOperation): number {
    return this.calls.filter((each) => each === operation).length;
  }

  async find(computeName: string, signal: AbortSignal): Promise<RegisteredCompute | undefined> {
    await this.#call("ListCompute", signal);
    return this.computes.get(computeName);
  }

  async register(
    request: Pick<RegisteredCompute, "computeName" | "location" | "ipAddress" | "dnsName">,
    signal: AbortSignal,
  ): Promise<RegisteredCompute> {
    await this.#call("RegisterCompute", signal);
    if (this.conflicts && this.computes.has(request.computeName)) {
      throw callError("RegisterCompute", "conflict");
    }
    return this.put({ ...request, sdkEndpoint: this.sdkEndpoint });
  }

  async token(computeName: string, signal: AbortSignal): Promise<ComputeToken> {
    await this.#call("GetComputeAuthToken", signal);
    if (!this.computes.has(computeName)) throw callError("GetComputeAuthToken", "notFound");
    const expiresAtMs = this.#clock.wallMs() + this.tokenLifetimeMs;
    return { text: `token-${++this.tokensGiven}`, expiresAtMs };
  }

  async deregister(computeName: string, signal: AbortSignal): Promise<void> {
    await this.#call("DeregisterCompute", signal);
    if (!this.computes.delete(computeName)) throw callError("DeregisterCompute", "notFound");
  }

  put(compute: Partial<RegisteredCompute> & { computeName: string }): RegisteredCompute {
    const whole: RegisteredCompute = {
      status: "Active",
      location: undefined,
      ipAddress: undefined,
      dnsName: undefined,
      registeredAt: new Date(this.#clock.wallMs()),
      sdkEndpoint: SDK_ENDPOINT,
      ...compute,
    };
    this.computes.set(whole.computeName, whole);
    return whole;
  }

  async #call(operation: ComputeOperation, signal: AbortSignal): Promise<void> {
    this.calls.push(operation);
    if (this.held.has(operation)) {
      await new Promise((_, reject) => {
        const refuse = () => reject(callError(operation, "transient"));
        signal.addEventListener("abort", refuse, { once: true });
      });
    }
    const at = this.#faults.findIndex(([each]) => each === operation);
    const fault = this.#faults[at]?.[1];
    if (fault === undefined) return;
    this.#faults.splice(at, 1);
    throw callError(operation, fault);
  }
}

function callError(operation: ComputeOperation, fault: ComputeCallFault): ComputeCallError {
  return new ComputeCallError(operation, fault, `${operation}: told to be ${fault}`);
}

/** A process that a test ends. */
class ScriptedProcess implements RunningProcess {
  readonly connection: SdkConnection;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly killedWith: string[] = [];
  /** What it does about a signal; by default it ends as our server does. */
  onKill: (signal: "SIGTERM" | "SIGKILL") => void = (signal) => {
    this.end(signal === "SIGTERM" ? 0 : null);
  };
  readonly #ended = Promise.withResolvers<ProcessEnd>();
  readonly ended = this.#ended.promise;

  constructor(connection: SdkConnection, pid: number, startedAtMs: number) {
    this.connection = connection;
    this.pid = pid;
    this.startedAtMs = startedAtMs;
  }

  end(code: number | null): void {
    this.#ended.resolve({ code, signal: code === null ? "SIGKILL" : null });
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.killedWith.push(signal);
    this.onKill(signal);
  }
}

export function anywhereWorld() {
  const clock = new FakeClock();
  const happened: Happened[] = [];
  const report: Report = (event, info) => happened.push({ event, ...info } as Happened);
  const processes: ScriptedProcess[] = [];
  const launch = (connection: SdkConnection): RunningProcess => {
    const started = new ScriptedProcess(connection, 100 + processes.length, clock.nowMs());
    processes.push(started);
    return started;
  };
  return {
    clock,
    report,
    happened,
    events: () => happened.map(({ event }) => event),
    the<Event extends AnywhereEvent>(event: Event) {
      return happened.filter((each) => each.event === event) as Extract<
        Happened,
        { event: Event }
      >[];
    },
    api: new ScriptedComputeApi(clock),
    /** The longest rests there can be, so that times are round. */
    random: () => 1,
    processes,
    launch,
  };
}
