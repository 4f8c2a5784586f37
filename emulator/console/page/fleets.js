import { button, element, keep, textElement } from "./dom.js";
import { livePanel } from "./live-panel.js";
import { fault } from "./page.js";
import { shortId, span } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Compute} Compute */
/** @typedef {import("./shapes.js").Process} Process */
/** @typedef {{ process: Process, health: string, atMs: number }} ProcessItem */
/** @typedef {{ compute: Compute, processes: ProcessItem[] }} ComputeItem */

/** Processes that are over, shown of each compute; the newest. */
const ENDED_SHOWN_MAX = 3;

/** @param {HTMLElement} parent @param {State} state @param {(process: Process) => string} healthOf */
export function showFleets(parent, state, healthOf) {
  const items = state.fleets.map((fleet) => ({
    fleet,
    computes: state.computes
      .filter(({ fleetId }) => fleetId === fleet.fleetId)
      .map((compute) => ({ compute, processes: processesOf(compute, state, healthOf) })),
  }));
  keep(
    parent,
    items,
    ({ fleet }) => fleet.fleetId,
    ({ fleet: { name, fleetId, computeType } }) => {
      const facts = textElement("p", "dim");
      const computes = element("div", "computes");
      const badge = element("span", "badge", computeType);
      const head = element("h3", "", element("span", "name", name || fleetId), badge);
      return {
        node: element(
          "article",
          "card",
          head,
          element("code", "id", fleetId),
          facts.node,
          computes,
        ),
        update({ fleet, computes: ofFleet }) {
          facts.set(`${fleet.status} · ${fleet.locations.join(", ")}`);
          showComputes(computes, ofFleet);
        },
      };
    },
    "no fleet: create one by the AWS API, or start with --config",
  );
}

/** The living, then the newest that are over. @param {Compute} compute @param {State} state @param {(process: Process) => string} healthOf */
function processesOf({ fleetId, computeName }, state, healthOf) {
  const own = state.processes.filter(
    (process) => process.fleetId === fleetId && process.computeName === computeName,
  );
  const ended = own.filter(({ state: of }) => of === "ENDED").slice(-ENDED_SHOWN_MAX);
  const living = own.filter(({ state: of }) => of !== "ENDED");
  return [...living, ...ended.reverse()].map((process) => ({
    process,
    health: healthOf(process),
    atMs: state.atMs,
  }));
}

/** @param {HTMLElement} parent @param {ComputeItem[]} items */
function showComputes(parent, items) {
  keep(
    parent,
    items,
    ({ compute }) => compute.computeName,
    ({ compute: { fleetId, computeName } }) => {
      const facts = textElement("span", "dim");
      const processes = element("ul", "rows");
      const whom = { compute: { id: computeName }, fleet: { id: fleetId } };
      const head = element(
        "div",
        "line",
        element("span", "name", computeName),
        facts.node,
        element(
          "span",
          "buttons",
          button("Spot notice", "Tells its processes that the instance is taken away", () =>
            fault(`Spot notice to ${computeName}`, { fault: "spot-notice", ...whom }),
          ),
        ),
      );
      return {
        node: element("div", "compute", head, processes),
        update({ compute, processes: ofCompute }) {
          const where = compute.dnsName || compute.ipAddress;
          facts.set(`${compute.location} · ${where} · ${compute.status}`);
          showProcesses(processes, ofCompute);
        },
      };
    },
    "no compute is registered",
  );
}

/** @param {HTMLElement} parent @param {ProcessItem[]} items */
function showProcesses(parent, items) {
  keep(
    parent,
    items,
    ({ process }) => process.processId,
    ({ process }) => processRow(process),
    "no process is connected",
  );
}

/** @param {Process} first */
function processRow(first) {
  const state = textElement("span", "badge");
  const ordinal = textElement("b", "");
  const facts = textElement("span", "dim whole");
  const health = textElement("span", "health whole");
  const id = element("code", "id", shortId(first.processId));
  id.title = first.processId;
  const live = livePanel(first);
  const buttons = processButtons(first);
  buttons.prepend(live.button);
  return {
    node: element(
      "li",
      "process",
      ...[ordinal.node, state.node, id, buttons, facts.node, health.node, live.node],
    ),
    /** @param {ProcessItem} item */
    update({ process, health: words, atMs }) {
      ordinal.set(process.ordinal === undefined ? "–" : `#${process.ordinal}`);
      state.set(process.endReason ?? process.state);
      const isBad = process.endReason !== undefined && process.endReason !== "ended";
      state.node.dataset["state"] = isBad ? "BAD" : process.state;
      facts.set(processFacts(process, atMs));
      health.set(words);
      buttons.hidden = process.state === "ENDED";
      // A server that tells of itself at an admin port may have a live view there.
      if (process.state === "ENDED") live.close();
      live.update(words !== "" && process.state !== "ENDED");
    },
  };
}

/** @param {Process} process @param {number} atMs */
function processFacts(process, atMs) {
  const { isConnected, port, sdkLanguage, sdkVersion, reportedAtMs, badReportsInRow } = process;
  const { gameSessionId, terminationAtMs, state } = process;
  const isOver = state === "ENDED";
  return [
    isOver ? "" : isConnected ? "connected" : "no connection",
    port === 0 ? "" : `port ${port}`,
    sdkLanguage === "" ? "" : `${sdkLanguage} ${sdkVersion}`,
    reportedAtMs === undefined || isOver ? "" : `heartbeat ${span(atMs - reportedAtMs)} ago`,
    badReportsInRow === 0 ? "" : `${badReportsInRow} bad reports`,
    gameSessionId === undefined ? "" : `hosts ${shortId(gameSessionId)}`,
    terminationAtMs === undefined || isOver ? "" : `must end in ${span(terminationAtMs - atMs)}`,
  ]
    .filter((each) => each !== "")
    .join(" · ");
}

/** @param {Process} process */
function processButtons({ fleetId, computeName, processId, isSupervised }) {
  const whom = { process: { id: processId }, fleet: { id: fleetId }, compute: computeName };
  const name = `process ${shortId(processId)}`;
  const buttons = element(
    "span",
    "buttons",
    button("Cut", "Resets its connection", () => fault(`Cut ${name}`, { fault: "cut", ...whom })),
    button("Terminate", "Tells it to end, and ends it by force later", () =>
      fault(`Terminate ${name}`, { fault: "terminate", ...whom }),
    ),
  );
  // Nobody but its supervisor can kill a process.
  if (!isSupervised) return buttons;
  const kill = button("Kill", "Kills it at once", () =>
    fault(`Kill ${name}`, { fault: "kill", ...whom }),
  );
  kill.className = "danger";
  buttons.append(kill);
  return buttons;
}
