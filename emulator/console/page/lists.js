import { element, keep, textElement } from "./dom.js";
import { shortId, span } from "./words.js";

/** @typedef {import("./shapes.js").State} State */

/** Placements shown; the newest. */
const PLACEMENTS_SHOWN_MAX = 30;

/** @param {HTMLElement} list @param {State} state */
export function showFacts(list, { region, accountId, endpoint }) {
  const facts = Object.entries({ Region: region, Account: accountId, "Server SDK": endpoint });
  keep(
    list,
    facts,
    ([name]) => name,
    ([name]) => {
      const value = textElement("dd", "");
      return {
        node: element("div", "", element("dt", "", name), value.node),
        update: ([, text]) => value.set(text),
      };
    },
  );
}

/** @param {HTMLElement} list @param {State} state */
export function showPlacements(list, { placements }) {
  keep(
    list,
    placements.slice(-PLACEMENTS_SHOWN_MAX).reverse(),
    ({ placementId }) => placementId,
    ({ placementId, queueName }) => {
      const status = textElement("span", "badge");
      const session = textElement("span", "id");
      const id = element("code", "", placementId);
      return {
        node: element("li", "", status.node, id, element("span", "dim", queueName), session.node),
        update(placement) {
          status.set(placement.status);
          status.node.dataset["state"] = placement.status;
          session.set(
            placement.gameSessionId === undefined ? "" : shortId(placement.gameSessionId),
          );
        },
      };
    },
    "no placement was asked for",
  );
}

/** @param {HTMLElement} list @param {State} state */
export function showFaults(list, { faults }) {
  keep(
    list,
    faults.map((fault, index) => ({ ...fault, key: `${index} ${fault.kind}` })),
    ({ key }) => key,
    ({ kind }) => {
      const what = textElement("span", "");
      const left = textElement("span", "dim");
      return {
        node: element("li", "", element("b", "", kind), what.node, left.node),
        update({ scope, value, timesLeft, leftMs }) {
          const words = Object.entries({ ...scope, ...value });
          what.set(words.map(([name, each]) => `${name}=${each}`).join(" ") || "everything");
          const limits = [
            timesLeft === undefined ? "" : `${timesLeft} times`,
            leftMs === undefined ? "" : `for ${span(leftMs)}`,
          ].filter((each) => each !== "");
          left.set(limits.join(", ") || "until it is cleared");
        },
      };
    },
    "nothing goes wrong on purpose",
  );
}
