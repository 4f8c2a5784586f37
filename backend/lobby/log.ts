/** Tells one event, with what a person or a program reading the log needs to know. Never a player session id or a key. */
export type Log = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** JSON, one line for each event. */
export function jsonLog(write: (line: string) => void, wallMs: () => number): Log {
  return (event, fields) => {
    write(`${JSON.stringify({ time: new Date(wallMs()).toISOString(), event, ...fields })}\n`);
  };
}
