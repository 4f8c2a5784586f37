/** Colour of one's own ship and everything that belongs to it. */
export const OWN_COLOUR = "#5ee7ff";

/** Hue and saturation apart enough to be told from one another on dark ground. */
const OTHERS = [
  "#ff7a90",
  "#ffb45e",
  "#c79bff",
  "#ff9be0",
  "#f4e06a",
  "#ff8a5c",
  "#9fa8ff",
  "#8ef0a0",
];

/** The colour of a ship as one player sees it: always the same for a seat. */
export function shipColour(seat: number, ownSeat: number): string {
  if (seat === ownSeat) return OWN_COLOUR;
  return OTHERS[seat % OTHERS.length] ?? OWN_COLOUR;
}
