/**
 * Bar charts as SVG, by hand. Nothing but middle tones on no ground, so that they can be read on a light page and on a
 * dark one, whatever the page's reader has told his browser.
 * @module
 */
/** Bars of one colour. */
export interface Series {
  readonly name: string;
  /** `#rrggbb`, of middle lightness. */
  readonly colour: string;
}

/** One bar. Its whisker goes from `low` to `high`. */
export interface Bar {
  readonly series: Series;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Chart {
  readonly title: string;
  /** What a bar's length is. */
  readonly unit: string;
  readonly digits: number;
  /** In the order of the legend. */
  readonly series: readonly Series[];
  readonly groups: readonly { readonly label: string; readonly bars: readonly Bar[] }[];
}

const TEXT = "#7a828c";
const LINE = "#8a929c";

const WIDTH = 640;
const LABEL_WIDTH = 150;
const VALUE_WIDTH = 70;
const BAR = 12;
const GAP = 3;
const GROUP_GAP = 14;
const HEAD = 56;
const FOOT = 12;

export function barChart({ title, unit, digits, series, groups }: Chart): string {
  const most = Math.max(
    ...groups.flatMap(({ bars }) =>
      bars.map(({ value, high }) => Math.max(value, finite(high, value))),
    ),
  );
  const scale = (value: number) => ((WIDTH - LABEL_WIDTH - VALUE_WIDTH) * value) / most;
  const parts: string[] = [];
  let y = HEAD;
  for (const { label, bars } of groups) {
    const height = bars.length * (BAR + GAP) - GAP;
    parts.push(text(LABEL_WIDTH - 8, y + height / 2 + 4, label, "end"));
    for (const bar of bars) {
      const { name, colour } = bar.series;
      const about = `${name}, ${label}: ${bar.value.toFixed(digits)} ${unit}`;
      const end = LABEL_WIDTH + scale(bar.value);
      parts.push(
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${place(scale(bar.value))}" height="${BAR}" fill="${colour}"><title>${escaped(about)}</title></rect>`,
      );
      parts.push(whisker(bar, y, (value) => LABEL_WIDTH + scale(value)));
      const right = Math.max(end, LABEL_WIDTH + scale(finite(bar.high, bar.value)));
      parts.push(text(right + 5, y + BAR - 2, bar.value.toFixed(digits), "start"));
      y += BAR + GAP;
    }
    y += GROUP_GAP - GAP;
  }
  const height = y - GROUP_GAP + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="11">`,
    `<text x="0" y="14" font-size="13" font-weight="600" fill="${TEXT}">${escaped(`${title} (${unit})`)}</text>`,
    legend(series),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function legend(series: readonly Series[]): string {
  const columnWidth = WIDTH / series.length;
  return series
    .map(({ name, colour }, nth) => {
      const x = nth * columnWidth;
      return `<rect x="${place(x)}" y="26" width="10" height="10" fill="${colour}"/>${text(x + 15, 35, name, "start")}`;
    })
    .join("");
}

function whisker({ low, high }: Bar, y: number, at: (value: number) => number): string {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low === high) return "";
  const middle = y + BAR / 2;
  const [from, to] = [place(at(low)), place(at(high))];
  return `<path d="M${from} ${middle}H${to}M${from} ${middle - 3}v6M${to} ${middle - 3}v6" stroke="${LINE}" fill="none"/>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "end"): string {
  return `<text x="${place(x)}" y="${place(y)}" fill="${TEXT}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

const finite = (value: number, otherwise: number): number =>
  Number.isFinite(value) ? value : otherwise;

const place = (value: number): string => String(Math.round(10 * value) / 10);

/** Text that is nothing but text, between tags and in an attribute. */
export function escaped(words: string): string {
  return words.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
