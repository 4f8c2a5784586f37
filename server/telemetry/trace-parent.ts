/** Version, trace id, parent id, flags; ids of zeros mean nothing. */
const TRACE_PARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** @returns W3C's `traceparent` if that is one, otherwise `""`. Source: W3C Trace Context, version 00. */
export function traceParentOf(given: unknown): string {
  return typeof given === "string" && !given.startsWith("ff") && TRACE_PARENT.test(given)
    ? given
    : "";
}
