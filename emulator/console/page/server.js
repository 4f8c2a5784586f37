/**
 * What the page asks of the emulator.
 * @module
 */

/** @param {string} name */
function meta(name) {
  const found = document.querySelector(`meta[name="${name}"]`);
  return found?.getAttribute("content") ?? "";
}

const TOKEN = meta("console-token");
const RUN_ID = meta("console-run");

/** @returns {Promise<import("./shapes.js").State>} */
export async function readState() {
  return (await answerOf(await fetch("/_fleetroom/state"))).json();
}

/**
 * How servers say that they are. A page of an earlier run of the emulator loads itself again.
 * @returns {Promise<readonly import("./shapes.js").ServerHealth[]>}
 */
export async function readServers() {
  const { runId, servers } = await (await answerOf(await fetch("/console/servers"))).json();
  if (runId !== RUN_ID) location.reload();
  return servers;
}

/**
 * @param {string} order The last part of the path.
 * @param {object} members
 */
export async function post(order, members) {
  const response = await fetch(`/console/${order}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Console-Token": TOKEN },
    body: JSON.stringify(members),
  });
  return (await answerOf(response)).json();
}

/**
 * @param {number} since
 * @param {(happening: import("./shapes.js").Happening) => void} onHappening
 * @param {(isOpen: boolean) => void} onLink
 */
export function listen(since, onHappening, onLink) {
  const events = new EventSource(`/_fleetroom/happenings/stream?since=${since}`);
  events.addEventListener("open", () => onLink(true));
  events.addEventListener("error", () => {
    onLink(false);
    // The emulator refused for good, such as for too many pages: a try now and then.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(since, onHappening, onLink), 5000);
    }
  });
  events.addEventListener("message", ({ data }) => onHappening(JSON.parse(data)));
}

/** @param {Response} response */
async function answerOf(response) {
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: `status ${response.status}` }));
  throw new Error(error);
}
