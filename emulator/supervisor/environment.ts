/** What a game server cannot do without. Everything else, keys above all, stays with the developer. */
const ALLOWED = /^(PATH|HOME|LANG|LC_[A-Z]+|TZ|TMPDIR)$/;

/** What the Server SDK of a process is told. */
export interface SdkConnection {
  readonly webSocketUrl: string;
  readonly authToken: string;
  readonly fleetId: string;
  readonly computeName: string;
  readonly processId: string;
}

/** Of a developer's environment what a child may have: PATH, HOME, LANG, LC_*, TZ and TMPDIR. */
export function keptEnvironment(
  base: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(base).flatMap(([name, value]) =>
    ALLOWED.test(name) && value !== undefined ? [[name, value] as const] : [],
  );
  return Object.fromEntries(kept);
}

/** The whole environment of a child. */
export function childEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  connection: SdkConnection,
): Record<string, string> {
  return {
    ...keptEnvironment(base),
    GAMELIFT_SDK_WEBSOCKET_URL: connection.webSocketUrl,
    GAMELIFT_SDK_AUTH_TOKEN: connection.authToken,
    GAMELIFT_SDK_FLEET_ID: connection.fleetId,
    GAMELIFT_SDK_HOST_ID: connection.computeName,
    GAMELIFT_SDK_PROCESS_ID: connection.processId,
  };
}
