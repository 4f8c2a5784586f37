/** Longest line of a child that is shown; the rest of it says nothing to a person. */
const LINE_CHARACTERS_MAX = 2000;

/**
 * Cuts a stream of text into lines.
 * @returns Takes pieces as they come; calls `line` for each whole one, without its end.
 */
export function lineReader(line: (text: string) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = `${rest}${piece}`.split("\n");
    rest = (lines.pop() ?? "").slice(0, LINE_CHARACTERS_MAX);
    for (const text of lines) line(text.slice(0, LINE_CHARACTERS_MAX));
  };
}

const UNINTERESTING = new Set(["level", "message", "msg", "timestamp", "time", "event"]);

/**
 * Turns one log line of a server into words, if a person at a terminal should see it.
 * @returns `undefined` for records below a warning.
 */
export function readableLogLine(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  const record = parseRecord(text);
  // What is no record was printed by Node itself or a library: always worth a look.
  if (record === undefined) return text;
  const level = record["level"];
  if (level !== "warn" && level !== "error") return undefined;
  const words = record["message"] ?? record["msg"] ?? record["event"] ?? "";
  const details = Object.entries(record)
    .filter(([name]) => !UNINTERESTING.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [level, String(words), ...details].join(" ");
}

/** How the emulator begins a line about a server process. */
const PROCESS_LINE = /^\[[^\]]* ([0-9a-f]{8})\] (.*)$/s;

/** What happens all day: a process takes over from one whose match is over. */
const USUAL = /^(started on |is over \(.*, exit code 0\)$)/;

/**
 * Turns one line of the emulator, or of a server process that it started, into words for a person at a terminal.
 * @returns `undefined` for what happens all day, and for log records below a warning.
 */
export function readableFleetLine(line: string): string | undefined {
  const [, processId, text] = PROCESS_LINE.exec(line) ?? [];
  if (processId === undefined || text === undefined) return `fleet: ${line}`;
  const readable = USUAL.test(text) ? undefined : readableLogLine(text);
  return readable === undefined ? undefined : `server ${processId}: ${readable}`;
}

/** @returns The JSON object in a line, `undefined` if it is none. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
