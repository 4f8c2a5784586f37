/**
 * How a fleet starts the build: the one place that says it, for the build's manifest, the scripts, the templates and
 * what verifies them.
 * @module
 */

/** The folder of the game on a Linux instance. */
export const GAME_FOLDER = "/local/game";
/** Of the build itself: a fleet's machines have no Node. */
export const LAUNCH_PATH = `${GAME_FOLDER}/bin/node`;
export const SERVER_PATH = `${GAME_FOLDER}/dist/server.mjs`;
/** Named, so that it is found wherever a process is started from. */
export const SETTINGS_PATH = `${GAME_FOLDER}/fleetroom.json`;
/** Named whole: what the service is told of logs would otherwise be looked for beside the program, in `bin/`. */
const LOGS_PATH = `${GAME_FOLDER}/logs`;
/** Of the server's default: as many as an instance may have processes. Opened as TCP by the fleet's inbound permissions. */
export const PORTS = { first: 7000, last: 7049 } as const;

/** What GameLift allows an instance. */
export const PROCESSES_MAX = 50;
/** GameLift's pattern and length for launch parameters. */
export const PARAMETERS_PATTERN = /^[A-Za-z0-9_:.+/\\\- =@;{},?'[\]"]{1,1024}$/;
export const LAUNCH_PATH_PATTERN = /^[A-Za-z0-9_:.+/\\\- ]{1,1024}$/;

/** For the system, GameLift's own agent and the CloudWatch agent. */
export const SYSTEM_MEGABYTES = 768;
/** What a process has beside V8's old generation: code, young generation, buffers, its share of Node's own program. */
export const PROCESS_MEGABYTES = 64;
/** A full match was seen with half of it; less would end matches that do nothing wrong. */
export const HEAP_MEGABYTES_MIN = 96;
/** More makes one collection longer than a tick. */
export const HEAP_MEGABYTES_MAX = 1_024;

/**
 * The old generation's limit of each process, so that one which leaks ends before it takes memory from the others.
 * @param memoryMegabytes - Of the instance.
 * @param processes - On it, 1 to 50.
 * @returns Whole megabytes, or `undefined` when so many processes do not fit.
 */
export function heapMegabytesPerProcess(
  memoryMegabytes: number,
  processes: number,
): number | undefined {
  const share = (memoryMegabytes - SYSTEM_MEGABYTES) / processes;
  const heapMegabytes = Math.floor(share - PROCESS_MEGABYTES);
  if (heapMegabytes < HEAP_MEGABYTES_MIN) return undefined;
  return Math.min(heapMegabytes, HEAP_MEGABYTES_MAX);
}

/**
 * The same for a container, which has one process and nothing else.
 * @param memoryMegabytes - What it may use. The system kills what goes beyond it, where an instance would give way.
 */
export function heapMegabytesInContainer(memoryMegabytes: number): number | undefined {
  const heapMegabytes = memoryMegabytes - 2 * PROCESS_MEGABYTES;
  if (heapMegabytes < HEAP_MEGABYTES_MIN) return undefined;
  return Math.min(heapMegabytes, HEAP_MEGABYTES_MAX);
}

/** The `Parameters` of the one entry of the runtime configuration; all processes of an instance share it. */
export function launchParameters(heapMegabytes: number): string {
  return `--max-old-space-size=${heapMegabytes} ${SERVER_PATH} --config ${SETTINGS_PATH} --log-dir ${LOGS_PATH} --port ${PORTS.first}-${PORTS.last}`;
}
