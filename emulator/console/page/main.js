import { createForm } from "./create-form.js";
import { button, setText } from "./dom.js";
import { eventList } from "./events.js";
import { showFleets } from "./fleets.js";
import { showFacts, showFaults, showPlacements } from "./lists.js";
import { fault, find, report } from "./page.js";
import { listen, readServers, readState } from "./server.js";
import { showSessions } from "./sessions.js";
import { tickRates } from "./ticks.js";

/** Shortest time between two looks at the state, and longest without one. */
const LOOK_MS_MIN = 250;
const LOOK_MS_MAX = 10_000;
const SERVERS_MS = 2_000;
/** Events of the past that a fresh page shows. */
const PAST_EVENTS = 200;

const form = createForm(find("create"));
const events = eventList(find("events"), find("heartbeats"));
const ticks = tickRates();
/** @type {import("./shapes.js").State | undefined} */
let state;
let isLooking = false;
let isStale = false;

function show() {
  if (state === undefined) return;
  showFacts(find("facts"), state);
  showFleets(find("fleets"), state, ticks.of);
  showSessions(find("sessions"), state);
  showPlacements(find("placements"), state);
  showFaults(find("faults"), state);
  find("clear").hidden = state.faults.length === 0;
  form.update(state);
}

/** Looks at the state, once more when it changed meanwhile, and never twice at a time. */
async function look() {
  isStale = true;
  if (isLooking) return;
  isLooking = true;
  while (isStale) {
    isStale = false;
    try {
      state = await readState();
      show();
    } catch (error) {
      report(
        `The state could not be read: ${error instanceof Error ? error.message : error}`,
        true,
      );
    }
    await pause(LOOK_MS_MIN);
  }
  isLooking = false;
}

async function watchServers() {
  for (;;) {
    if (!document.hidden) {
      try {
        ticks.update(await readServers());
        show();
      } catch {
        // The link's state tells already that the emulator is gone.
      }
    }
    await pause(SERVERS_MS);
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {boolean} isOpen */
function showLink(isOpen) {
  const link = find("link");
  link.dataset["state"] = isOpen ? "open" : "lost";
  setText(link, isOpen ? "live" : "connection lost");
  if (isOpen) void look();
}

const clear = button("Clear all", "Ends all standing faults", () =>
  fault("Clear all faults", { fault: "clear" }),
);
find("clear").append(clear);

await look();
listen(
  Math.max(0, (state?.sequence ?? 0) - PAST_EVENTS),
  (happening) => {
    events.add(happening);
    void look();
  },
  showLink,
);
setInterval(() => void look(), LOOK_MS_MAX);
void watchServers();
