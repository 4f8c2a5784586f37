/**
 * The server's own page and the emulator's console have the same file.
 * @module
 */

/** @typedef {import("./live-shape.ts").LiveSeconds} LiveSeconds */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 100;
/** Room above the highest value. */
const HEAD = 1.15;

/**
 * Draws the last minute: a bar for the longest step of each second, a line for the latest start, a dashed line at the
 * time that one step may take, and a band where steps were lost.
 * @param {Element} svg
 * @param {LiveSeconds} seconds
 * @param {number} periodMs 0 when there is none.
 */
export function drawSeconds(svg, { maxMs, lateMs, dropped }, periodMs) {
  const top = Math.max(periodMs, ...maxMs, ...lateMs, 1) * HEAD;
  const step = WIDTH / maxMs.length;
  /** @param {number} ms */
  const y = (ms) => round(HEIGHT - (ms / top) * HEIGHT);
  const bands = dropped.flatMap((lost, index) =>
    lost === 0 ? [] : [`M${round(index * step)} 0h${round(step)}V${HEIGHT}h${-round(step)}z`],
  );
  const bars = maxMs.flatMap((ms, index) =>
    ms === 0
      ? []
      : [`M${round(index * step + 1)} ${HEIGHT}V${y(ms)}h${round(step - 2)}V${HEIGHT}z`],
  );
  const late = lateMs.map((ms, index) => `${round((index + 0.5) * step)} ${y(ms)}`);
  svg.replaceChildren(
    path("dropped", bands.join("")),
    path("longest", bars.join("")),
    path("period", periodMs === 0 ? "" : `M0 ${y(periodMs)}H${WIDTH}`),
    path("late", `M${late.join("L")}`),
  );
}

/** @param {string} className @param {string} shape */
function path(className, shape) {
  const made = document.createElementNS(SVG, "path");
  made.setAttribute("class", className);
  made.setAttribute("d", shape);
  return made;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
