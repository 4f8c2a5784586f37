/** What a request is answered, without `Action` and `RequestId`. */
export interface Answer {
  readonly StatusCode: number;
  readonly [member: string]: unknown;
}

export function ok(members: Readonly<Record<string, unknown>> = {}): Answer {
  return { StatusCode: 200, ...members };
}

export function refusal(statusCode: number, errorMessage: string): Answer {
  return { StatusCode: statusCode, ErrorMessage: errorMessage };
}

/** A request as it came: the envelope and the action's own members at one level. */
export type Message = Readonly<Record<string, unknown>>;

/** Null, absent and empty are the same to the service. */
export function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
