/**
 * The emulator put together: every part is made here and nowhere else, and knows of the others what it is given here.
 * @module
 */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import path from "node:path";
import { Api } from "./api/api.ts";
import type { Credentials } from "./api/signature.ts";
import { FleetStarts } from "./builds/fleet-starts.ts";
import { Installer } from "./builds/installer.ts";
import { Uploads } from "./builds/uploads.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openConsole } from "./console/console.ts";
import { openDataDirectory, writeCertificate } from "./data-directory.ts";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import { controlHandler } from "./faults/control.ts";
import { Faults } from "./faults/faults.ts";
import { HappeningStreams } from "./faults/happening-stream.ts";
import type { ScenarioFile } from "./faults/scenario-file.ts";
import { seededRandom } from "./faults/seeded-random.ts";
import { stateOf } from "./faults/state.ts";
import { faultyCalls } from "./faulty-calls.ts";
import { createFromFile, EMPTY_FLEET_FILE, type FleetFile } from "./fleet-file.ts";
import { Front, type LoopbackHost } from "./front/front.ts";
import type { FrontHandlers } from "./front/routes.ts";
import { LogDownloads } from "./log-downloads.ts";
import { ControlPlane } from "./plane/control-plane.ts";
import { durations } from "./plane/durations.ts";
import { isRefused } from "./plane/outcome.ts";
import { createPlacementEvents } from "./queues/placement-events.ts";
import { Queues } from "./queues/queues.ts";
import { ServerSdkService } from "./server-sdk/service.ts";
import type { Children } from "./supervisor/child/child.ts";
import { ChildProcesses } from "./supervisor/child/child-processes.ts";
import { keptEnvironment } from "./supervisor/environment.ts";
import { launchTarget } from "./supervisor/launch-path.ts";
import { withoutControls } from "./supervisor/logs/lines.ts";
import { Supervisor } from "./supervisor/supervisor.ts";

export interface EmulatorOptions {
  /** What is there from the start; nothing unless given. */
  readonly fleetFile?: FleetFile;
  /** @defaultValue 127.0.0.1 */
  readonly host?: LoopbackHost;
  /** @defaultValue 0, any free one */
  readonly port?: number;
  readonly isTls?: boolean;
  readonly allowHosts?: readonly string[];
  /** Signatures are checked against them; any is good unless given. */
  readonly credentials?: Credentials | undefined;
  /** Whether the documented rates of calls hold, of accounts and of server processes. @defaultValue true */
  readonly hasRates?: boolean;
  readonly timeScale?: number;
  readonly healthTimeScale?: number;
  /** Absolute; nothing is started unless given. */
  readonly launchRoots?: readonly string[];
  /** Whether the install.sh of uploaded builds is run, on this machine. @defaultValue false */
  readonly runsInstallers?: boolean;
  /** Absolute; a temporary one unless given. */
  readonly dataDirectory?: string | undefined;
  readonly scenario?: ScenarioFile | undefined;
  /** 0 to 4294967295; another one for each run unless given. */
  readonly seed?: number | undefined;
  readonly placementEvents?: readonly string[];
  readonly adminPorts?: readonly number[];
  /** Children get an allow-listed part of it. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly clock?: Clock;
  readonly uuid?: () => string;
  readonly children?: Children;
}

export interface Emulator extends AsyncDisposable {
  /** Such as `http://127.0.0.1:9080`. */
  readonly url: string;
  /** Where server processes connect. */
  readonly webSocketUrl: string;
  readonly plane: ControlPlane;
  readonly queues: Queues;
  readonly api: Api;
  /** PEM file; good for `url`. */
  readonly certificateFile: string;
  /** Ends server processes, connections and timers. Called again meanwhile, it ends the processes at once. */
  close(): Promise<void>;
}

/**
 * Opens an emulator that is ready: what the fleet file asks for is there, and its server processes are starting.
 * @throws EmulatorError EMULATOR_FLEET_FILE_INVALID, EMULATOR_CONFIG_INVALID, EMULATOR_PORT_TAKEN
 */
export async function openEmulator(given: EmulatorOptions): Promise<Emulator> {
  // Whoever names a fleet, a session or a file may be anybody: no text of his is a terminal's command or another line.
  const options = { ...given, print: (line: string) => given.print(withoutControls(line)) };
  // Closed in the reverse order: the port is open until server processes have said goodbye.
  await using opening = new AsyncDisposableStack();
  const port: Port = { front: undefined };
  const parts = makeParts(options, port, opening);
  createFromFile(options.fleetFile ?? EMPTY_FLEET_FILE, parts.api);

  const { plane, queues, api, serverSdk, supervisor, starts, faults, certificate } = parts;
  const front = await Front.open({
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    tls: options.isTls ? certificate : undefined,
    allowHosts: options.allowHosts ?? [],
    handlers: await makeHandlers(options, parts, opening),
    upgrade: (request, socket, head) => serverSdk.handleUpgrade(request, socket, head),
    uuid: plane.uuid,
    onFault: (fault) => printLines(`A request failed: ${faultText(fault)}`, options.print),
  });
  port.front = front;
  opening.defer(() => supervisor.close());
  supervisor.open();
  starts.open();
  opening.defer(() => faults.close());
  if (options.scenario !== undefined) faults.start(options.scenario);

  const closing = opening.move();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    if (closed !== undefined) void supervisor.close();
    closed ??= closing.disposeAsync();
    return closed;
  };
  return {
    url: front.url,
    webSocketUrl: front.webSocketUrl,
    plane,
    queues,
    api,
    certificateFile: certificate.certificateFile,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The one port, from when on it is open. */
interface Port {
  front: Front | undefined;
}

type Parts = ReturnType<typeof makeParts>;

/** What there is behind the port, each part made of those before it. */
function makeParts(options: EmulatorOptions, port: Port, opening: AsyncDisposableStack) {
  const { fleetFile = EMPTY_FLEET_FILE, hasRates = true, clock = systemClock, print } = options;
  const { region, accountId } = fleetFile;
  const data = openDataDirectory(options.dataDirectory);
  opening.defer(() => data.close());
  const certificate = writeCertificate(data);

  const plane = new ControlPlane({
    clock,
    durations: durations(options.timeScale, options.healthTimeScale),
    region,
    accountId,
    uuid: options.uuid ?? randomUUID,
    endpoint: () => port.front?.webSocketUrl ?? "",
  });
  opening.defer(() => plane.close());
  opening.defer(() => port.front?.close());

  const random = seededRandom(options.seed ?? randomInt(2 ** 32));
  const faults: Faults = new Faults({ plane, random, connections: () => serverSdk });
  const { credentials } = options;
  const serverSdk = new ServerSdkService({
    plane,
    rates: hasRates,
    certificatePath: certificate.folder,
    print,
    faults: faults.wire,
    ...(credentials && { credentials: keysOf(credentials) }),
  });
  opening.defer(() => serverSdk.close());

  const events = makePlacementEvents(options, clock);
  opening.defer(() => events.close());
  const queues = new Queues({ plane, events });
  opening.defer(() => queues.close());

  const children = options.children ?? new ChildProcesses();
  const uploads = new Uploads({ plane, folder: path.join(data.path, "builds"), print });
  opening.defer(() => uploads.close());
  const starts = makeFleetStarts(options, { plane, uploads, children, dataDirectory: data.path });
  opening.defer(() => starts.close());
  const supervisor = new Supervisor({
    plane,
    launchRoots: options.launchRoots ?? [],
    rootOfBuild: (fleetId) => starts.rootOf(fleetId),
    dataDirectory: data.path,
    print,
    environment: options.environment ?? {},
    children,
  });
  const logs = new LogDownloads({
    archive: (gameSessionId) => supervisor.logArchive(gameSessionId),
    url: () => port.front?.url ?? "",
    clock,
    newToken,
  });
  const api = new Api({
    plane,
    queues,
    logUrl: (gameSessionId) => logs.urlFor(gameSessionId),
    uploadTicket: (buildId) => uploads.ticket(buildId),
    hasQuotas: hasRates,
    print: (text) => printLines(text, print),
    ...(credentials && { credentials }),
  });
  return { certificate, plane, faults, serverSdk, queues, supervisor, starts, uploads, logs, api };
}

function makeFleetStarts(
  { environment = {}, runsInstallers = false, print }: EmulatorOptions,
  parts: {
    readonly plane: ControlPlane;
    readonly uploads: Uploads;
    readonly children: Children;
    readonly dataDirectory: string;
  },
): FleetStarts {
  const { plane, uploads, children, dataDirectory } = parts;
  const installer = new Installer({
    clock: plane.clock,
    folder: path.join(dataDirectory, "output"),
    start: ({ output, ...command }) =>
      children.start({
        ...command,
        args: [],
        environment: keptEnvironment(environment),
        output,
        errorOutput: output,
      }),
  });
  return new FleetStarts({
    plane,
    folder: path.join(dataDirectory, "games"),
    zipOf: (buildId) => uploads.zipOf(buildId),
    wrongLaunchPath: (launchPath, root) => {
      const target = launchTarget(launchPath, [root]);
      return "refusal" in target ? target.refusal : undefined;
    },
    installer: runsInstallers ? installer : undefined,
    print,
  });
}

function makePlacementEvents({ placementEvents = [], print }: EmulatorOptions, clock: Clock) {
  const events = createPlacementEvents({ targets: placementEvents, clock, print, fetch });
  if (!isRefused(events)) return events.value;
  throw new EmulatorError(EmulatorErrorCode.EMULATOR_CONFIG_INVALID, events.message);
}

/** What answers at the port. */
async function makeHandlers(
  options: EmulatorOptions,
  { plane, faults, queues, logs, uploads, api }: Parts,
  opening: AsyncDisposableStack,
): Promise<FrontHandlers> {
  const streams = new HappeningStreams(plane.happenings, plane.clock);
  opening.defer(() => streams.close());
  const { census, standing } = faults;
  const orderFault = (order: unknown) => faults.order(order);
  return {
    api: faultyCalls((request) => api.handle(request), faults.calls, plane),
    logs: (request) => logs.handle(request),
    uploads: (request) => uploads.handle(request),
    control: controlHandler({
      state: () => stateOf({ plane, census, standing, placements: () => queues.placements() }),
      happeningsSince: (sequence) => plane.happenings.since(sequence),
      streams,
      order: orderFault,
    }),
    console: await openConsole({
      plane,
      token: newToken(),
      runId: plane.uuid(),
      adminPorts: options.adminPorts ?? [],
      orderFault,
    }),
  };
}

/** Not to be guessed; letters, digits, `-` and `_`. */
function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** As the Server SDK's service calls the same. */
function keysOf({ accessKeyId, secretAccessKey }: Credentials) {
  return { accessKey: accessKeyId, secretKey: secretAccessKey };
}

/** A stack has many lines. */
function printLines(text: string, print: (line: string) => void): void {
  for (const line of text.split("\n")) print(line);
}

function faultText(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
