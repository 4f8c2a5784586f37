import { element, textElement } from "./dom.js";
import { watch } from "./live-stream.js";
import { GOOD_OUTCOMES, milliseconds, OUTCOMES, span, VERDICTS } from "./live-words.js";
import { drawSeconds } from "./sparkline.js";

/** @typedef {import("./live-shape.ts").LiveSnapshot} LiveSnapshot */
/** @typedef {{ fleetId: string, computeName: string, processId: string }} Identity */

/** Notices shown. */
const NOTICES_SHOWN_MAX = 3;

/** Of the servers that want one, as it was typed in last: those of one fleet have the same. Kept nowhere else. */
let token = "";

/**
 * The live view of one process in small, which opens by its button. Nothing is asked of the server while it is shut.
 * @param {Identity} process
 */
export function livePanel(process) {
  const picture = smallPicture();
  const line = textElement("p", "live-link");
  const form = tokenForm(() => stream?.again());
  const node = element("div", "live whole", line.node, form, picture.node);
  const toggle = /** @type {HTMLButtonElement} */ (element("button", "", "Live"));
  toggle.type = "button";
  toggle.title = "Shows how the server does, each second";
  /** @type {ReturnType<typeof watch> | undefined} */
  let stream;

  const open = () => {
    stream = watch({
      url: `/console/live?${queryOf(process)}`,
      token: () => token,
      onPicture(told) {
        // The row is gone, and this with it.
        if (!node.isConnected) close();
        else picture.show(told);
      },
      onLink(link) {
        line.set(linkWords(link));
        line.node.hidden = link.state === "live";
        form.hidden = link.state !== "token";
        node.dataset["state"] = link.state;
      },
    });
    line.set("connecting");
  };
  const close = () => {
    stream?.stop();
    stream = undefined;
    picture.node.hidden = true;
    form.hidden = true;
  };
  const show = (/** @type {boolean} */ isOpen) => {
    if (isOpen === (stream !== undefined)) return;
    if (isOpen) open();
    else close();
    node.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => show(stream === undefined));
  toggle.setAttribute("aria-expanded", "false");
  node.hidden = true;
  form.hidden = true;
  return {
    node,
    button: toggle,
    /** @param {boolean} isThere Whether the process lives and has an admin port. */
    update(isThere) {
      // It may miss a question now and then: an open panel says for itself when nothing comes.
      toggle.hidden = !isThere && stream === undefined;
    },
    close: () => show(false),
  };
}

/** @param {Identity} process */
function queryOf({ fleetId, computeName, processId }) {
  return new URLSearchParams({ fleet: fleetId, compute: computeName, process: processId });
}

/** @param {import("./live-stream.js").Link} link */
function linkWords(link) {
  switch (link.state) {
    case "token":
      return link.isWrong
        ? "that token is not this server's"
        : "this server shows itself to holders of its admin token only";
    case "refused":
      return `${link.words}; trying again`;
    case "gone":
      return "nothing comes from the server; trying again";
    default:
      return "";
  }
}

/** @param {() => void} onToken */
function tokenForm(onToken) {
  const input = /** @type {HTMLInputElement} */ (element("input", ""));
  input.type = "password";
  input.required = true;
  input.maxLength = 256;
  input.autocomplete = "off";
  input.setAttribute("aria-label", "Admin token of this server");
  const submit = /** @type {HTMLButtonElement} */ (element("button", "", "Show"));
  submit.type = "submit";
  const form = element("form", "reserve", input, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    token = input.value.trim();
    input.value = "";
    onToken();
  });
  return form;
}

function smallPicture() {
  const verdict = textElement("b", "live-verdict");
  const facts = textElement("span", "dim");
  const refused = textElement("p", "live-refused");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({
    class: "live-seconds",
    viewBox: "0 0 600 100",
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": "Longest step and latest start of each second of the last minute",
  })) {
    svg.setAttribute(name, value);
  }
  const notices = element("ul", "rows");
  const head = element("p", "line", verdict.node, facts.node);
  const node = element("div", "live-picture", head, svg, refused.node, notices);
  node.hidden = true;
  return {
    node,
    /** @param {LiveSnapshot} picture */
    show(picture) {
      const { ticks, seconds, gameSession } = picture;
      const [words, mood] = VERDICTS[ticks?.verdict ?? "idle"] ?? VERDICTS.idle;
      const nothing = gameSession === null ? "No match now" : "This room has no ticks of ours";
      verdict.set(ticks === null ? nothing : words);
      verdict.node.dataset["mood"] = mood;
      facts.set(factWords(picture));
      refused.set(refusedWords(picture));
      drawSeconds(svg, seconds, ticks === null ? 0 : 1000 / ticks.targetHz);
      notices.replaceChildren(...picture.notices.slice(0, NOTICES_SHOWN_MAX).map(noticeLine));
      node.hidden = false;
    },
  };
}

/** @param {LiveSnapshot} picture */
function factWords({ ticks, gameSession, connections, sendQueue }) {
  const words = [];
  if (ticks !== null) {
    words.push(`${ticks.rateHz} of ${ticks.targetHz} steps a second`);
    words.push(`99 % take ${milliseconds(ticks.p99Ms)} or less`);
    words.push(`longest ${milliseconds(ticks.maxMs)}`);
    words.push(`latest start ${milliseconds(ticks.lateMs)}`);
  }
  if (gameSession !== null) {
    words.push(`${gameSession.seatsHeld} of ${gameSession.seatsMax ?? "any number of"} seats`);
  }
  words.push(`${connections.clients} players connected`);
  words.push(`${connections.strangers} strangers`);
  if (sendQueue.slowClients > 0) words.push(`${sendQueue.slowClients} too slow for patches`);
  return words.join(" · ");
}

/** @param {LiveSnapshot} picture */
function refusedWords({ joins }) {
  return joins
    .filter(([outcome]) => !GOOD_OUTCOMES.has(outcome))
    .map(
      ([outcome, total, last]) =>
        `${OUTCOMES[outcome] ?? outcome}: ${last} in a minute, ${total} in all`,
    )
    .join(" · ");
}

/** @param {LiveSnapshot["notices"][number]} notice */
function noticeLine([level, agoSeconds, event, what, count]) {
  const times = count === 1 ? "" : `${count} times, `;
  const line = element("li", "", element("b", "", event.replaceAll("_", " ")), what);
  line.append(element("span", "dim", `${times}${span(agoSeconds)} ago`));
  line.dataset["level"] = level;
  return line;
}
