/** Characters of an error's message and of any other text kept at most. */
const MESSAGE_CHARACTERS_MAX = 500;
const TEXT_CHARACTERS_MAX = 2000;
const STACK_CHARACTERS_MAX = 4000;
/** Members of a list or an object, and levels below one another, kept at most. */
const MEMBERS_MAX = 50;
const DEPTH_MAX = 4;
/** Characters of a whole line at most; CloudWatch takes 256 KB, an event of ours has no business near it. */
const LINE_CHARACTERS_MAX = 32_768;

/** A player session id that came along in somebody else's text, such as the message of a room's own error. */
const PLAYER_SESSION_ID = /psess-[A-Za-z0-9-]+/g;

const OWN = { enumerable: true, configurable: true, writable: true };
const LINE_ENDS = /[\u2028\u2029]/;

/**
 * Writes one event as one line of JSON without its line end. Never throws: whatever cannot be read is named as such.
 * @param head - Comes first and is trusted: time, level, event.
 * @param info - May hold anything at all: errors, cycles, getters that throw.
 * @param hasStack - Whether errors keep their stacks.
 */
export function logLine(
  head: Readonly<Record<string, string | number>>,
  info: unknown,
  hasStack: boolean,
): string {
  const fields = plain(info, hasStack, 0);
  const isObject = typeof fields === "object" && fields !== null && !Array.isArray(fields);
  const line = json(Object.assign({ ...head }, isObject ? fields : { info: fields }, head));
  return line.length <= LINE_CHARACTERS_MAX ? line : json({ ...head, isTooLong: true });
}

/** Beside JSON's own escapes those two, which many readers of lines take for line ends. */
function json(value: unknown): string {
  const text = JSON.stringify(value);
  if (!LINE_ENDS.test(text)) return text;
  return text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** What JSON can say of a value, bounded in every direction. */
function plain(value: unknown, hasStack: boolean, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return cut(value, TEXT_CHARACTERS_MAX);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return cut(String(value), TEXT_CHARACTERS_MAX);
    case "undefined":
      return undefined;
    case "object":
      return value === null ? null : plainObject(value, hasStack, depth);
    default:
      return `[${typeof value}]`;
  }
}

function plainObject(value: object, hasStack: boolean, depth: number): unknown {
  if (depth >= DEPTH_MAX) return "[deeper]";
  try {
    if (value instanceof Error) return plainError(value, hasStack, depth);
    if (Array.isArray(value)) {
      return value.slice(0, MEMBERS_MAX).map((item) => plain(item, hasStack, depth + 1));
    }
    const fields: Record<string, unknown> = {};
    for (const name of Object.keys(value).slice(0, MEMBERS_MAX)) {
      const field = plain((value as Record<string, unknown>)[name], hasStack, depth + 1);
      // An own field, whatever its name.
      if (name === "__proto__") Object.defineProperty(fields, name, { value: field, ...OWN });
      else fields[cut(name, 100)] = field;
    }
    return fields;
  } catch {
    return "[unreadable]"; // A getter or a proxy threw; that is the value's fault and no reason to lose the line.
  }
}

function plainError(error: Error, hasStack: boolean, depth: number): object {
  const { name, message, stack, cause } = error;
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    name: cut(String(name), 100),
    ...(typeof code === "string" || typeof code === "number"
      ? { code: plain(code, false, 0) }
      : {}),
    message: cut(String(message), MESSAGE_CHARACTERS_MAX),
    ...(hasStack && typeof stack === "string" ? { stack: cut(stack, STACK_CHARACTERS_MAX) } : {}),
    ...(cause === undefined ? {} : { cause: plain(cause, hasStack, depth + 1) }),
  };
}

function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax && !text.includes("psess-")) return text;
  // Cut with some room to spare, so that no id is cut in half and slips past, then hidden, then cut for good.
  const hidden = text.slice(0, charactersMax + 300).replace(PLAYER_SESSION_ID, "psess-(hidden)");
  return hidden.length > charactersMax ? `${hidden.slice(0, charactersMax)}…` : hidden;
}
