/**
 * What this process is called by others: its fleet, its machine, its build. Empty where nobody said so.
 * @module
 */

/** Where a managed fleet's instance says what it is. Source: AWS's own collector for GameLift reads it. */
const METADATA_FILE = "/local/gamemetadata/gamelift-metadata.json";
/** What `GAMELIFT_SDK_PROCESS_ID` is in every container: nobody's id, so the process makes up its own when it connects. */
const EVERY_CONTAINER = "ManagedResource";
/** Longest id that is taken. */
const ID_CHARACTERS_MAX = 256;

export interface ProcessIdentity {
  readonly fleetId: string;
  /** A Region, or an Anywhere fleet's own. */
  readonly location: string;
  readonly computeName: string;
  readonly processId: string;
  readonly buildId: string;
}

/**
 * @param environment - What a fleet sets for its processes.
 * @param readFile - Gives a file's text, `undefined` when it cannot be read.
 */
export function processIdentity(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string | undefined,
): ProcessIdentity {
  const said = (name: string) => idOf(environment[name]);
  const processId = said("GAMELIFT_SDK_PROCESS_ID");
  const metadata = metadataOf(readFile(METADATA_FILE));
  return {
    fleetId: said("GAMELIFT_SDK_FLEET_ID") || idOf(metadata["fleetId"]),
    location: said("GAMELIFT_REGION"),
    computeName: said("GAMELIFT_SDK_HOST_ID"),
    processId: processId === EVERY_CONTAINER ? "" : processId,
    buildId: lastPart(idOf(metadata["buildArn"])),
  };
}

function idOf(given: unknown): string {
  return typeof given === "string" && given.length <= ID_CHARACTERS_MAX ? given : "";
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function metadataOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text ?? "{}");
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {}; // Somebody else's file; nothing depends on it but names in logs.
  }
}
