import { isAction } from "../server-sdk/rules/shapes.ts";
import type { Sighting } from "../server-sdk/wire-hooks.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import type { Happening } from "./trace.ts";

/** Turns what was seen on the wire into entries of a trace: without tokens, bounded, connections counted from 1. */
export class WireTrace {
  readonly #processId: string;
  readonly #connections = new Map<number, number>();
  readonly #idempotencyTokens = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly #authTokens = new Map<string, number>();

  constructor(processId: string) {
    this.#processId = processId;
  }

  /** @returns Nothing for what is another process's, or more of the same than anybody reads. */
  entryOf(sighting: Sighting): Happening | undefined {
    const entry = this.#entryOf(sighting);
    if (entry === undefined) return undefined;
    const what = entry.kind === "request" && isAction(entry.action) ? entry.action : entry.kind;
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    const { sameEntriesMax } = VERIFY_LIMITS;
    if (count <= sameEntriesMax) return entry;
    const text = `more than ${sameEntriesMax} times ${what}: the others are not in the trace`;
    return count === sameEntriesMax + 1 ? { kind: "note", text } : undefined;
  }

  #entryOf(sighting: Sighting): Happening | undefined {
    if (sighting.kind === "refused") {
      // Who could not say which process he is, is most likely this one.
      const isOther = this.#isOther(sighting.query["pID"] ?? this.#processId);
      const { status, message: why } = sighting;
      return isOther ? undefined : { kind: "connection-refused", status, why };
    }
    if (this.#isOther(sighting.process.processId)) return undefined;
    const connection = ordinal(this.#connections, sighting.connection);
    switch (sighting.kind) {
      case "connected": {
        const { query } = sighting;
        return {
          kind: "connected",
          connection,
          parameters: Object.keys(query).filter((name) => query[name] !== ""),
          sdkVersion: cut(query["sdkVersion"] ?? ""),
          sdkLanguage: cut(query["sdkLanguage"] ?? ""),
          idempotencyToken: ordinal(this.#idempotencyTokens, query["IdempotencyToken"] ?? ""),
          authToken: ordinal(this.#authTokens, query["Authorization"] ?? ""),
        };
      }
      case "disconnected":
        return { kind: "disconnected", connection, code: sighting.code };
      case "request": {
        const { Action: _action, RequestId: _requestId, ...members } = sighting.message;
        const { action, requestId, statusCode, problems, isRepeat } = sighting;
        const bounded = bound(members) as Record<string, unknown>;
        return {
          kind: "request",
          connection,
          action,
          requestId,
          members: bounded,
          statusCode,
          problems,
          isRepeat,
        };
      }
      case "bad-frame":
        return { kind: "bad-frame", connection, why: sighting.why };
      case "push":
        return { kind: "push", connection, action: sighting.action };
    }
  }

  #isOther(processId: string): boolean {
    return processId !== this.#processId;
  }
}

function ordinal<K>(known: Map<K, number>, key: K): number {
  const number = known.get(key) ?? known.size + 1;
  known.set(key, number);
  return number;
}

function cut(text: string): string {
  return text.slice(0, VERIFY_LIMITS.memberCharsMax);
}

/** Cuts long texts and lists: what a rule looks at is short. */
function bound(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (Array.isArray(value)) return value.slice(0, VERIFY_LIMITS.memberItemsMax).map(bound);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).slice(0, VERIFY_LIMITS.memberItemsMax);
  return Object.fromEntries(entries.map(([name, member]) => [cut(name), bound(member)]));
}
