import { GOOD_OUTCOMES, milliseconds, OUTCOMES, span, VERDICTS } from "./live-words.js";
import { drawSeconds } from "./sparkline.js";

/** @typedef {import("./live-shape.ts").LiveSnapshot} LiveSnapshot */

/** @param {string} id Of an element of index.html. @returns {HTMLElement} */
export function find(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * Shows a picture. Whatever the server wrote gets in as text and in no other way.
 * @param {LiveSnapshot} picture
 * @param {LiveSnapshot | undefined} before The one shown before it, for what is told as a rate.
 */
export function show(picture, before) {
  showServer(picture);
  showTicks(picture);
  showJoins(picture);
  showPlayers(picture, before);
  showNotices(picture);
}

/** @param {LiveSnapshot} picture */
function showServer({ server, phase, upSeconds, gameSession }) {
  const words = [
    server === null ? "" : `${server.room} on the ${server.fleet} fleet, port ${server.port}`,
    `up ${span(upSeconds)}`,
    gameSession === null ? phase : `${phase}: ${gameSession.name}`,
  ];
  setText(find("server"), words.filter((each) => each !== "").join(" · "));
}

/** @param {LiveSnapshot} picture */
function showTicks({ ticks, seconds, isHealthy, health, gameSession }) {
  const verdict = find("verdict");
  const [text, mood] = VERDICTS[ticks?.verdict ?? "idle"] ?? VERDICTS.idle;
  verdict.dataset["mood"] = mood;
  if (ticks !== null) setText(verdict, text);
  else setText(verdict, gameSession === null ? "No match now" : "This room has no ticks of ours");
  const isRated = ticks !== null && ticks.verdict !== "idle" && ticks.verdict !== "starting";
  setText(find("rate"), isRated ? `${ticks.rateHz} of ${ticks.targetHz} steps a second` : "");
  const periodMs = ticks === null ? 0 : 1000 / ticks.targetHz;
  showFacts(find("tick-facts"), [
    ["99 % of steps take", ticks === null ? "–" : `${milliseconds(ticks.p99Ms)} or less`],
    ["the longest took", ticks === null ? "–" : milliseconds(ticks.maxMs)],
    ["the latest began", ticks === null ? "–" : `${milliseconds(ticks.lateMs)} late`],
    ["one may take", ticks === null ? "–" : milliseconds(periodMs)],
    ["lost of this match", ...lostOf(ticks)],
    ["process", isHealthy ? "healthy" : `unwell: ${ailing(health)}`, isHealthy ? "" : "bad"],
  ]);
  const svg = find("sparkline");
  drawSeconds(svg, seconds, periodMs);
  const longest = milliseconds(Math.max(...seconds.maxMs));
  const latest = milliseconds(Math.max(...seconds.lateMs));
  svg.setAttribute("aria-label", `Last minute: longest step ${longest}, latest start ${latest}`);
}

/** @param {LiveSnapshot["ticks"]} ticks @returns {[value: string, mood: string]} */
function lostOf(ticks) {
  if (ticks === null) return ["–", ""];
  const { ranTicks, droppedTicks } = ticks;
  return [`${droppedTicks} of ${ranTicks + droppedTicks}`, droppedTicks === 0 ? "" : "bad"];
}

/** @param {LiveSnapshot["health"]} health */
function ailing(health) {
  const parts = Object.entries(health).filter(([, part]) => part !== "ok" && part !== "none");
  return parts.map(([name, part]) => `${name} ${part}`).join(", ") || "for a moment longer";
}

/** @param {LiveSnapshot} picture */
function showJoins({ joins }) {
  const rows = joins.map(([outcome, total, lastMinute]) => {
    const words = OUTCOMES[outcome] ?? outcome;
    const row = element("tr", "", element("td", "", words));
    row.append(element("td", "", String(lastMinute)), element("td", "", String(total)));
    row.dataset["mood"] = GOOD_OUTCOMES.has(outcome) ? "good" : lastMinute > 0 ? "bad" : "quiet";
    return row;
  });
  find("joins").hidden = rows.length === 0;
  find("no-joins").hidden = rows.length > 0;
  find("joins")
    .querySelector("tbody")
    ?.replaceChildren(...rows);
}

/** @param {LiveSnapshot} picture @param {LiveSnapshot | undefined} before */
function showPlayers({ gameSession, connections, sendQueue, traffic, ticks, atMs }, before) {
  const { seatsHeld, seatsMax } = gameSession ?? { seatsHeld: 0, seatsMax: 0 };
  const of = seatsMax === null ? "" : ` of ${seatsMax}`;
  setText(find("seats"), gameSession === null ? "No match now" : `${seatsHeld}${of} seats taken`);
  const meter = /** @type {HTMLMeterElement} */ (find("seats-meter"));
  meter.hidden = gameSession === null || seatsMax === null || seatsMax === 0;
  meter.max = seatsMax || 1;
  meter.value = seatsHeld;
  const passedMs = before === undefined ? 0 : atMs - before.atMs;
  /** @param {"receivedBytes" | "sentBytes"} name */
  const rate = (name) => {
    // A server that was started anew counts from the beginning.
    const grown = traffic[name] - (before?.traffic[name] ?? 0);
    return passedMs <= 0 || grown < 0 ? "–" : `${bytes((grown * 1000) / passedMs)}/s`;
  };
  const slow = sendQueue.slowClients;
  showFacts(find("facts"), [
    ["connected players", String(connections.clients)],
    ["connected strangers", String(connections.strangers)],
    ["received", rate("receivedBytes")],
    ["sent", rate("sentBytes")],
    ["waiting to be sent", bytes(sendQueue.bytes)],
    ["to one client at most", bytes(sendQueue.largestBytes)],
    ["clients too slow for patches", String(slow), slow === 0 ? "" : "bad"],
    ["commands waiting", ticks === null ? "–" : String(ticks.commandsQueued)],
  ]);
}

/** @param {LiveSnapshot} picture */
function showNotices({ notices }) {
  const lines = notices.map(([level, agoSeconds, event, what, count]) => {
    const name = element("b", "", event.replaceAll("_", " "));
    const times = count === 1 ? "" : `${count} times`;
    const line = element("li", "", name, element("span", "", what));
    line.append(
      element("span", "dim", [times, `${span(agoSeconds)} ago`].filter(Boolean).join(", ")),
    );
    line.dataset["level"] = level;
    return line;
  });
  find("no-notices").hidden = lines.length > 0;
  find("notices").replaceChildren(...lines);
}

/** @param {Element} list @param {readonly (readonly [name: string, value: string, mood?: string])[]} facts */
function showFacts(list, facts) {
  facts.forEach(([name, value, mood = ""], index) => {
    const made = list.children[index] ?? element("div", "", element("dt", ""), element("dd", ""));
    const [term, description] = made.children;
    if (term !== undefined) setText(term, name);
    if (description instanceof HTMLElement) {
      setText(description, value);
      description.dataset["mood"] = mood;
    }
    if (made.parentNode !== list) list.append(made);
  });
}

/** @param {string} tag @param {string} className Of our own; `""` for none. @param {...(Node | string)} children */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/** "900 B", "1.2 KB" @param {number} count */
function bytes(count) {
  let value = count;
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (value < 1000) return `${unit === "B" ? Math.round(value) : value.toPrecision(3)} ${unit}`;
    value /= 1024;
  }
  return `${value.toPrecision(3)} TB`;
}

/** Touches the page only when the text differs, so that a selection stays. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
