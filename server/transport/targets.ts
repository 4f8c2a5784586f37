/**
 * The request targets that the game port knows, read by pattern and never by `new URL`, which throws on a stranger's
 * whim. Everything else is not found.
 * @module
 */

/** Segments and query values that Colyseus or the stock SDK make: URL-safe, no escapes needed. */
const MATCHMAKE = /^\/matchmake\/(join|joinById|joinOrCreate|reconnect)\/([A-Za-z0-9_-]{1,64})$/;
const UPGRADE = /^\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]{1,64})\?([A-Za-z0-9_=&%.~-]{1,1024})$/;
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export interface MatchmakeTarget {
  readonly method: "join" | "reconnect";
  /** What the client asks for: the room's id or the game's name. */
  readonly room: string;
}

export function matchmakeTarget(target: string | undefined): MatchmakeTarget | undefined {
  const found = MATCHMAKE.exec(target ?? "");
  if (found?.[2] === undefined) return undefined;
  return { method: found[1] === "reconnect" ? "reconnect" : "join", room: found[2] };
}

/** Where a WebSocket says HELLO. */
export function isPlayTarget(target: string | undefined): boolean {
  return target === "/play";
}

export interface UpgradeTarget {
  readonly room: string;
  /**
   * What the SDK was told as process id. Where a lobby handed the seat out that is the player session id, which gets
   * here with clients that know nothing of it. Untrusted, a secret.
   */
  readonly processId: string;
  readonly sessionId: string;
  /** `undefined` for a first join. */
  readonly reconnectionToken: string | undefined;
  /** The client already has the state's schema. */
  readonly skipHandshake: boolean;
  /** What the SDK calls an auth token: the player session id, where a client knows that. Untrusted, a secret. */
  readonly authToken: string | undefined;
}

export function upgradeTarget(target: string | undefined): UpgradeTarget | undefined {
  const found = UPGRADE.exec(target ?? "");
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  const query = new URLSearchParams(found[3]);
  const sessionId = query.get("sessionId") ?? "";
  const reconnectionToken = query.get("reconnectionToken") ?? undefined;
  if (!TOKEN.test(sessionId)) return undefined;
  if (reconnectionToken !== undefined && !TOKEN.test(reconnectionToken)) return undefined;
  return {
    room: found[2],
    processId: found[1],
    sessionId,
    reconnectionToken,
    skipHandshake: query.has("skipHandshake"),
    authToken: query.get("_authToken") ?? undefined,
  };
}
