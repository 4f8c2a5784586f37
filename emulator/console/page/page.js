import { setText } from "./dom.js";
import { post } from "./server.js";

/** @param {string} id Of an element of index.html. @returns {HTMLElement} */
export function find(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * Tells what came of what somebody did.
 * @param {string} text
 * @param {boolean} isBad
 */
export function report(text, isBad) {
  const message = find("message");
  message.dataset["state"] = isBad ? "bad" : "good";
  setText(message, text);
}

/**
 * Has the emulator do something and tells what came of it.
 * @param {string} what Such as "Cut process 1".
 * @param {string} order
 * @param {object} members
 * @returns {Promise<boolean>} Whether it was done.
 */
export async function act(what, order, members) {
  try {
    await post(order, members);
    report(`${what}: done`, false);
    return true;
  } catch (error) {
    report(`${what}: ${error instanceof Error ? error.message : error}`, true);
    return false;
  }
}

/** @param {string} what @param {object} order */
export async function fault(what, order) {
  await act(what, "faults", order);
}
