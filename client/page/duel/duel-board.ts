/**
 * Four in a row: the board as buttons, one per column, and whose turn it is.
 * @module
 */
import { encodeDuelCommand } from "../../../rooms/duel/commands.ts";
import { lowestFreeCell } from "../../../rooms/duel/lines.ts";
import type { DuelReplica } from "../../../rooms/duel/replica.ts";
import { BOARD_COLUMNS, BOARD_ROWS, type Cell } from "../../../rooms/duel/state.ts";
import type { MatchConnection } from "../../connection.ts";
import { element, setText } from "../elements.ts";

/** Time for one move, as the rules have it; only the width of a bar depends on it. */
const TURN_SECONDS = 30;

export class DuelBoard {
  readonly #board = element("duel-board", HTMLElement);
  readonly #players = element("duel-players", HTMLElement);
  readonly #turn = element("duel-turn", HTMLElement);
  readonly #clockLeft = element("duel-clock-left", HTMLElement);
  readonly #columns: HTMLButtonElement[] = [];
  /** By index of the cell: its place on the page. */
  readonly #cells: HTMLElement[] = [];
  #connection: MatchConnection<DuelReplica> | undefined;
  #chosen = Math.floor(BOARD_COLUMNS / 2);

  constructor() {
    for (let column = 0; column < BOARD_COLUMNS; column++) this.#addColumn(column);
    addEventListener("keydown", (event) => this.#onKey(event));
  }

  enter(connection: MatchConnection<DuelReplica>): void {
    this.#connection = connection;
    this.update();
  }

  /** Shows the newest state; call after each one and now and then for the clock. */
  update(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { state, welcome } = connection;
    const board = cellsOf(state);
    for (const [index, cell] of board.entries()) this.#showCell(index, cell, state);
    const mayMove = state.phase === "playing" && state.turnSeat === welcome.seat;
    this.#columns.forEach((button, column) => {
      button.disabled = !mayMove || lowestFreeCell(board, column) === undefined;
      button.classList.toggle("chosen", mayMove && column === this.#chosen);
    });
    setText(this.#turn, turnText(state, welcome.seat));
    const secondsLeft = (state.turnEndsAtTick - state.tick) / (state.tickRateHz || 1);
    const share =
      state.phase === "playing" ? Math.max(0, Math.min(1, secondsLeft / TURN_SECONDS)) : 0;
    this.#clockLeft.style.transform = `scaleX(${share})`;
    this.#showPlayers(state, welcome.seat);
  }

  #addColumn(column: number): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "duel-column";
    button.setAttribute("aria-label", `Column ${column + 1}`);
    button.addEventListener("click", () => this.#drop(column));
    for (let row = BOARD_ROWS - 1; row >= 0; row--) {
      const cell = document.createElement("span");
      cell.className = "duel-cell";
      button.append(cell);
      this.#cells[row * BOARD_COLUMNS + column] = cell;
    }
    this.#columns.push(button);
    this.#board.append(button);
  }

  #showCell(index: number, cell: Cell, state: DuelReplica): void {
    const place = this.#cells[index];
    if (place === undefined) return;
    let disc = place.firstElementChild;
    if (cell === 0) {
      disc?.remove();
      return;
    }
    disc ??= place.appendChild(document.createElement("span"));
    const winning = [...state.winningCells].includes(index) ? " winning" : "";
    const className = `duel-disc seat-${cell - 1}${winning}`;
    // Setting a class, even the same, may start the fall again.
    if (disc.className !== className) disc.className = className;
  }

  #showPlayers(state: DuelReplica, ownSeat: number): void {
    const players = [...state.players.values()].sort((a, b) => a.seat - b.seat);
    while (this.#players.children.length > players.length) this.#players.lastElementChild?.remove();
    players.forEach((player, index) => {
      const chip = this.#players.children[index] ?? this.#players.appendChild(playerChip());
      const isTurn = state.phase === "playing" && state.turnSeat === player.seat;
      chip.className = isTurn ? "duel-player turn" : "duel-player";
      const [mark, name] = chip.children;
      if (mark !== undefined) mark.className = `seat-${player.seat}`;
      // A stranger's name: text and nothing else.
      const you = player.seat === ownSeat ? " (you)" : "";
      if (name !== undefined) setText(name, `${player.name}${you}`);
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (this.#connection === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-7])$/.exec(event.code)?.[1];
    const turn = event.code === "ArrowRight" ? 1 : event.code === "ArrowLeft" ? -1 : 0;
    if (digit !== undefined) this.#drop(Number(digit) - 1);
    else if (turn !== 0) this.#choose(this.#chosen + turn);
    // Enter on a focused button presses that button.
    else if (event.code === "Enter" && event.target === document.body) this.#drop(this.#chosen);
  }

  #choose(column: number): void {
    this.#chosen = Math.max(0, Math.min(BOARD_COLUMNS - 1, column));
    this.update();
  }

  /** The server judges it; what is out of turn it ignores. */
  #drop(column: number): void {
    const connection = this.#connection;
    if (connection === undefined || connection.state.phase !== "playing") return;
    const { moveNumber } = connection.state;
    connection.sendCommand(encodeDuelCommand({ moveNumber, column }));
  }
}

/** The replica's cells are bare bytes; the game itself puts nothing else there. */
function cellsOf(state: DuelReplica): Cell[] {
  return [...state.board] as Cell[];
}

function playerChip(): HTMLElement {
  const chip = document.createElement("span");
  chip.append(document.createElement("i"), document.createElement("span"));
  return chip;
}

function turnText(state: DuelReplica, ownSeat: number): string {
  if (state.phase === "waiting") return "Waiting for somebody to play against…";
  if (state.phase === "over") return "";
  return state.turnSeat === ownSeat ? "Your turn" : "The other player thinks…";
}
