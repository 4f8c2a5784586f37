import { button, element, keep, textElement } from "./dom.js";
import { act, fault } from "./page.js";
import { propertyText, shortId } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").GameSession} GameSession */
/** @typedef {import("./shapes.js").PlayerSession} PlayerSession */
/** @typedef {import("./shapes.js").Backfill} Backfill */
/** @typedef {{ session: GameSession, players: PlayerSession[], tickets: Backfill[] }} SessionItem */

/** Game sessions and player sessions that are over, shown; the newest. */
const ENDED_SESSIONS_SHOWN_MAX = 10;
const ENDED_PLAYERS_SHOWN_MAX = 5;

/** How UpdateGameSession ends a backfill ticket, by what its button says. */
const BACKFILL_ENDS = {
  Matched: "MATCHMAKING_DATA_UPDATED",
  Failed: "BACKFILL_FAILED",
  "Timed out": "BACKFILL_TIMED_OUT",
  Cancelled: "BACKFILL_CANCELLED",
};

let madeUpPlayers = 0;

/** @param {HTMLElement} parent @param {State} state */
export function showSessions(parent, state) {
  const living = state.gameSessions.filter(({ status }) => status !== "TERMINATED").reverse();
  const ended = state.gameSessions.filter(({ status }) => status === "TERMINATED").reverse();
  const items = [...living, ...ended.slice(0, ENDED_SESSIONS_SHOWN_MAX)].map((session) => ({
    session,
    players: playersOf(session, state),
    tickets: state.backfills.filter(
      ({ gameSessionId, status }) =>
        gameSessionId === session.gameSessionId && status === "SEARCHING",
    ),
  }));
  keep(
    parent,
    items,
    ({ session }) => session.gameSessionId,
    ({ session }) => sessionCard(session),
    "no game session was created",
  );
}

/** @param {GameSession} session @param {State} state */
function playersOf(session, { playerSessions }) {
  const own = playerSessions.filter(({ gameSessionId }) => gameSessionId === session.gameSessionId);
  const isOpen = (/** @type {PlayerSession} */ { status }) =>
    status === "RESERVED" || status === "ACTIVE";
  const ended = own.filter((player) => !isOpen(player)).slice(-ENDED_PLAYERS_SHOWN_MAX);
  return [...own.filter(isOpen), ...ended.reverse()];
}

/** @param {GameSession} first */
function sessionCard(first) {
  const status = textElement("span", "badge");
  const facts = textElement("p", "dim");
  const properties = textElement("p", "dim");
  const players = element("ul", "rows");
  const tickets = element("ul", "rows");
  const reserve = reserveForm(first);
  const ends = endButtons(first);
  const title = element("span", "name", first.name || "(no name)");
  const id = element("code", "id", first.gameSessionId);
  const head = element("h3", "", title, status.node);
  const foot = element("div", "line", reserve, ends);
  return {
    node: element("article", "card", head, id, facts.node, properties.node, players, tickets, foot),
    /** @param {SessionItem} item */
    update({ session, players: ofSession, tickets: open }) {
      const isOver = session.status === "TERMINATED";
      status.set(session.statusReason ?? session.status);
      status.node.dataset["state"] = session.status;
      facts.set(sessionFacts(session));
      properties.set(propertyText(session.gameProperties));
      properties.node.hidden = session.gameProperties.length === 0;
      showPlayers(players, ofSession);
      showTickets(tickets, open);
      tickets.hidden = open.length === 0;
      reserve.hidden = session.status !== "ACTIVE";
      ends.hidden = isOver;
    },
  };
}

/** @param {GameSession} session */
function sessionFacts(session) {
  const { reservedCount, activeCount, maximumPlayerSessionCount, location } = session;
  const { computeName, processId, playerSessionCreationPolicy: policy } = session;
  const host = session.dnsName || session.ipAddress;
  return [
    `${activeCount} active and ${reservedCount} reserved of ${maximumPlayerSessionCount}`,
    policy === "ACCEPT_ALL" ? "" : policy,
    `${host}:${session.port}`,
    location,
    `${computeName} ${shortId(processId)}`,
  ]
    .filter((each) => each !== "")
    .join(" · ");
}

/** @param {GameSession} session */
function reserveForm({ gameSessionId }) {
  const player = /** @type {HTMLInputElement} */ (element("input", ""));
  player.maxLength = 1024;
  player.placeholder = "player id";
  player.setAttribute("aria-label", "Player id");
  player.autocomplete = "off";
  const submit = /** @type {HTMLButtonElement} */ (element("button", "", "Reserve a player"));
  submit.type = "submit";
  const form = element("form", "reserve", player, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const playerId = player.value || `player-${++madeUpPlayers}`;
    if (await act(`Reserve ${playerId}`, "player-sessions", { gameSessionId, playerId })) {
      player.value = "";
    }
  });
  return form;
}

/** @param {GameSession} session */
function endButtons({ gameSessionId }) {
  const name = shortId(gameSessionId);
  /** @param {string} mode */
  const terminate = (mode) => async () => {
    await act(`Terminate ${name}`, "terminations", { gameSessionId, mode });
  };
  const force = button(
    "Force terminate",
    "Ends its process at once (FORCE_TERMINATE)",
    terminate("FORCE_TERMINATE"),
  );
  force.className = "danger";
  const soft = button(
    "Terminate",
    "Tells its process to end (TRIGGER_ON_PROCESS_TERMINATE)",
    terminate("TRIGGER_ON_PROCESS_TERMINATE"),
  );
  return element("span", "buttons", soft, force);
}

/** @param {HTMLElement} parent @param {PlayerSession[]} players */
function showPlayers(parent, players) {
  keep(
    parent,
    players,
    ({ playerSessionId }) => playerSessionId,
    ({ playerSessionId, playerId }) => {
      const status = textElement("span", "badge");
      const expire = button("Expire", "Ends the reservation as if its time were over", () =>
        fault(`Expire ${playerId}`, { fault: "expire", player: playerSessionId }),
      );
      const name = element("span", "name", playerId);
      return {
        node: element("li", "", status.node, name, element("code", "id", playerSessionId), expire),
        /** @param {PlayerSession} player */
        update(player) {
          status.set(player.status);
          status.node.dataset["state"] = player.status;
          expire.hidden = player.status !== "RESERVED";
        },
      };
    },
    "no players",
  );
}

/** @param {HTMLElement} parent @param {Backfill[]} tickets */
function showTickets(parent, tickets) {
  keep(
    parent,
    tickets,
    ({ ticketId }) => ticketId,
    ({ ticketId, gameSessionId }) => {
      const buttons = Object.entries(BACKFILL_ENDS).map(([label, reason]) =>
        button(label, `Ends the ticket: ${reason}`, () =>
          fault(`Backfill ${label.toLowerCase()}`, {
            fault: "end-backfill",
            session: gameSessionId,
            reason,
          }),
        ),
      );
      const id = element("code", "id", shortId(ticketId));
      id.title = ticketId;
      return {
        node: element("li", "", "backfill ", id, element("span", "buttons", ...buttons)),
        update() {},
      };
    },
  );
}
