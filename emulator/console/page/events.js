import { element } from "./dom.js";
import { shortId, timeOfDay } from "./words.js";

const EVENTS_SHOWN_MAX = 400;

/** Ids in the order in which they say the most. */
const IDS = [
  "playerSessionId",
  "ticketId",
  "placementId",
  "gameSessionId",
  "processId",
  "computeName",
  "fleetId",
];

/**
 * The newest on top.
 * @param {HTMLElement} list
 * @param {HTMLElement} heartbeats The checkbox that shows heartbeats as well.
 */
export function eventList(list, heartbeats) {
  let newest = 0;
  const box = /** @type {HTMLInputElement} */ (heartbeats);
  const sift = () => list.classList.toggle("with-heartbeats", box.checked);
  box.addEventListener("change", sift);
  sift();
  return {
    /** @param {import("./shapes.js").Happening} happening */
    add(happening) {
      // A stream that was opened anew may tell again what it told before.
      if (happening.sequence <= newest) return;
      newest = happening.sequence;
      list.prepend(lineOf(happening));
      while (list.children.length > EVENTS_SHOWN_MAX) list.lastElementChild?.remove();
    },
  };
}

/** @param {import("./shapes.js").Happening} happening */
function lineOf(happening) {
  const { kind, atMs, detail = "" } = happening;
  const line = element("li", "");
  line.dataset["kind"] = kind;
  const id = IDS.map((name) => happening[name]).find((each) => typeof each === "string");
  line.append(
    element("time", "", timeOfDay(atMs)),
    element("b", "", kind),
    element("span", "id", typeof id === "string" ? shortId(id) : ""),
    element("span", "detail", detail),
  );
  if (typeof id === "string") line.title = id;
  return line;
}
