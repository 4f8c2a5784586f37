import { setText } from "./dom.js";
import { act, report } from "./page.js";

/** @typedef {import("./shapes.js").State} State */

/** @param {HTMLElement} box The form is in it. */
export function createForm(box) {
  const form = /** @type {HTMLFormElement} */ (box.querySelector("form"));
  const fleets = select(form, "fleetId");
  const locations = select(form, "location");
  /** @type {State["fleets"]} */
  let known = [];

  function showLocations() {
    const fleet = known.find(({ fleetId }) => fleetId === fleets.value);
    setOptions(
      locations,
      (fleet?.locations ?? []).map((name) => ({ value: name, text: name })),
    );
  }

  fleets.addEventListener("change", showLocations);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void create(new FormData(form));
  });
  return {
    /** @param {State} state */
    update(state) {
      known = state.fleets;
      setOptions(
        fleets,
        known.map(({ fleetId, name }) => ({ value: fleetId, text: name || fleetId })),
      );
      showLocations();
    },
  };
}

/** @param {FormData} data */
async function create(data) {
  const gameProperties = propertiesOf(String(data.get("gameProperties") ?? ""));
  if (typeof gameProperties === "string") {
    report(`Create a game session: ${gameProperties}`, true);
    return;
  }
  await act("Create a game session", "game-sessions", {
    fleetId: data.get("fleetId") ?? "",
    location: data.get("location") ?? "",
    maximumPlayerSessionCount: Number(data.get("maximumPlayerSessionCount")),
    name: data.get("name") ?? "",
    gameProperties,
  });
}

/** @param {string} text @returns {Record<string, string> | string} The properties, or what is wrong. */
function propertiesOf(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const wrong = lines.find((line) => line.indexOf("=") < 1);
  if (wrong !== undefined) return `“${wrong}” is no key=value`;
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf("=")).trim(),
      line.slice(line.indexOf("=") + 1).trim(),
    ]),
  );
}

/** @param {HTMLFormElement} form @param {string} name */
function select(form, name) {
  return /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
}

/**
 * Keeps what is chosen.
 * @param {HTMLSelectElement} list
 * @param {readonly { value: string, text: string }[]} options
 */
function setOptions(list, options) {
  while (list.options.length > options.length) list.remove(list.options.length - 1);
  while (list.options.length < options.length) list.add(new Option());
  options.forEach(({ value, text }, index) => {
    const option = list.options[index];
    if (option === undefined) return;
    if (option.value !== value) option.value = value;
    setText(option, text);
  });
}
