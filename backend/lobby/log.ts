/** `warn` is for what somebody should look at. */
type Level = "info" | "warn";

/** Tells one event, with what a person or a program reading the log needs to know. Never a player session id or a key. */
export type Log = (level: Level, event: string, fields: Readonly<Record<string, unknown>>) => void;

/** JSON, one line for each event. */
export function jsonLog(write: (line: string) => void, wallMs: () => number): Log {
  return (level, event, fields) => {
    const time = new Date(wallMs()).toISOString();
    write(`${JSON.stringify({ time, level, event, ...fields })}\n`);
  };
}
