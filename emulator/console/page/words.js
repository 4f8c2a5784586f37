/**
 * @param {number} atMs Wall-clock.
 */
export function timeOfDay(atMs) {
  const date = new Date(atMs);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** "12 s", "3 min" @param {number} ms */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** The end of an id or ARN, which tells it from others. @param {string} id */
export function shortId(id) {
  const last = id.split("/").at(-1) ?? id;
  return last.length > 18 ? `…${last.slice(-12)}` : last;
}

/** @param {readonly { key: string, value: string }[]} properties */
export function propertyText(properties) {
  return properties.map(({ key, value }) => `${key}=${value}`).join(", ");
}
