import { type Frame, isNoWork } from "./cpu-profile.ts";
import type { Places } from "./places.ts";

const WIDTH = 1400;
const ROW = 17;
const HEAD = 28;
/** Of the whole: what is narrower has no room for a name and is left out. */
const SHARE_MIN = 0.0007;
const CHARACTER = 6.6;

/** By who wrote the code; the first that begins so. */
const COLOURS: readonly (readonly [string, string])[] = [
  ["server", "#e8935a"],
  ["rooms", "#e5b94f"],
  ["protocol", "#d9a441"],
  ["@colyseus", "#7da7d9"],
  ["node", "#8fbf7f"],
  ["native", "#b9b9b9"],
  ["(garbage", "#d97a7a"],
  ["(", "#cfcfcf"],
];
const OTHER_PACKAGES = "#a58fcf";

interface Box {
  readonly name: string;
  readonly title: string;
  readonly colour: string;
  readonly depth: number;
  /** Microseconds from the left edge, and wide. */
  readonly x: number;
  readonly width: number;
}

/**
 * Draws where the time went as one SVG that needs nothing else: callers above, what they called below them, as wide as it
 * took. A browser shows the figures of what the mouse is on, and a click makes one call as wide as the whole.
 */
export function flameGraph(root: Frame, places: Places, title: string): string {
  const busyUs = root.totalUs - idleUs(root);
  const boxes: Box[] = [];
  layOut(root, places, busyUs, boxes);
  const depth = Math.max(0, ...boxes.map((box) => box.depth));
  const height = HEAD + (depth + 1) * ROW + 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<style>rect{stroke:#fff;stroke-width:.5}g.box{cursor:pointer}g.box:hover rect{stroke:#000}text{pointer-events:none}</style>`,
    `<text x="8" y="18" font-size="13">${escaped(title)}</text>`,
    ...boxes.map((box) => boxText(box, busyUs)),
    `<script>//<![CDATA[\n${ZOOM}\n//]]></script>`,
    "</svg>\n",
  ].join("\n");
}

function idleUs(root: Frame): number {
  return root.children
    .filter(({ callFrame }) => isNoWork(callFrame))
    .reduce((sum, { totalUs }) => sum + totalUs, 0);
}

function layOut(root: Frame, places: Places, busyUs: number, boxes: Box[]): void {
  const visit = (frame: Frame, depth: number, x: number, width: number): void => {
    if (width / busyUs < SHARE_MIN) return;
    const { functionName } = frame.callFrame;
    const { part, file, line } = places.of(frame.callFrame);
    const where = depth === 0 ? "" : ` ${file}${line === 0 ? "" : `:${line}`}`;
    const name = depth === 0 ? "busy" : functionName || "(anonymous)";
    const share = ((100 * width) / busyUs).toFixed(2);
    boxes.push({
      name,
      title: `${name}${where}: ${(width / 1000).toFixed(1)} ms, ${share} % (self ${(frame.selfUs / 1000).toFixed(1)} ms)`,
      colour: COLOURS.find(([start]) => part.startsWith(start))?.[1] ?? OTHER_PACKAGES,
      depth,
      x,
      width,
    });
    let at = x;
    for (const child of [...frame.children].sort((a, b) => b.totalUs - a.totalUs)) {
      if (isNoWork(child.callFrame)) continue;
      visit(child, depth + 1, at, child.totalUs);
      at += child.totalUs;
    }
  };
  visit(root, 0, 0, busyUs);
}

function boxText({ name, title, colour, depth, x, width }: Box, busyUs: number): string {
  const [left, wide] = [(x / busyUs) * WIDTH, (width / busyUs) * WIDTH];
  const y = HEAD + depth * ROW;
  const room = Math.floor((wide - 6) / CHARACTER);
  const label = room < 3 ? "" : name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  return `<g class="box" data-x="${left.toFixed(3)}" data-w="${wide.toFixed(3)}" data-n="${escaped(name)}"><title>${escaped(title)}</title><rect x="${left.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${ROW - 1}" fill="${colour}"/><text x="${(left + 3).toFixed(1)}" y="${y + 12}">${escaped(label)}</text></g>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}

/** Runs in the browser that shows the file. Whatever does not overlap what was clicked leaves the picture. */
const ZOOM = `
for (const chosen of document.querySelectorAll("g.box")) {
  chosen.addEventListener("click", () => {
    const from = Number(chosen.dataset.x), wide = Number(chosen.dataset.w);
    for (const box of document.querySelectorAll("g.box")) {
      const left = Math.max(0, ((Number(box.dataset.x) - from) / wide) * ${WIDTH});
      const right = Math.min(${WIDTH}, ((Number(box.dataset.x) + Number(box.dataset.w) - from) / wide) * ${WIDTH});
      box.style.display = right - left > 0.3 ? "" : "none";
      const rect = box.querySelector("rect"), text = box.querySelector("text");
      rect.setAttribute("x", left);
      rect.setAttribute("width", Math.max(0, right - left));
      text.setAttribute("x", left + 3);
      const room = Math.floor((right - left - 6) / ${CHARACTER}), name = box.dataset.n;
      text.textContent = room < 3 ? "" : name.length <= room ? name : name.slice(0, room - 1) + "…";
    }
  });
}`.trim();
