/**
 * How each server says that it is. What counts ticks is shown as a rate, too.
 * @module
 */

/** @typedef {{ fleetId: string, computeName: string, processId: string }} Identity */

/** Members that say nothing beside the others. */
const HIDDEN = new Set(["port", "status"]);

/** @param {Identity} identity */
function keyOf({ fleetId, computeName, processId }) {
  return JSON.stringify([fleetId, computeName, processId]);
}

export function tickRates() {
  /** @type {Map<string, { text: string, ticks: number | undefined, atMs: number }>} */
  let known = new Map();

  /** @param {readonly import("./shapes.js").ServerHealth[]} servers */
  function update(servers) {
    const nowMs = performance.now();
    const next = new Map();
    for (const server of servers) {
      const { health } = server;
      const ticks = typeof health["ranTicks"] === "number" ? health["ranTicks"] : undefined;
      const before = known.get(keyOf(server));
      const words = Object.entries(health)
        .filter(([name]) => !HIDDEN.has(name))
        .map(([name, value]) => `${name} ${value}`);
      const rate = rateOf(before, ticks, nowMs);
      if (rate !== undefined) words.unshift(`${rate} ticks/s`);
      next.set(keyOf(server), { text: words.join(" · "), ticks, atMs: nowMs });
    }
    known = next;
  }

  return {
    update,
    /** @param {Identity} process @returns {string} `""` for a server that tells nothing. */
    of: (process) => known.get(keyOf(process))?.text ?? "",
  };
}

/**
 * @param {{ ticks: number | undefined, atMs: number } | undefined} before
 * @param {number | undefined} ticks
 * @param {number} nowMs
 */
function rateOf(before, ticks, nowMs) {
  if (before?.ticks === undefined || ticks === undefined || ticks < before.ticks) return undefined;
  return Math.round(((ticks - before.ticks) * 1000) / Math.max(1, nowMs - before.atMs));
}
