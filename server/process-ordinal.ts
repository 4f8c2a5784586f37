/**
 * Which of a machine's processes this one is, as a name for its folder of logs: the place of its game port among those it
 * could have taken, `07`. No two living processes of a machine have the same port, and one that follows another takes over
 * its folder. Where the system chose the port there is no place, and it is `p` and the port.
 */
export function processOrdinal(ports: readonly number[], port: number): string {
  const place = ports.indexOf(port);
  return place < 0 ? `p${port}` : String(place).padStart(2, "0");
}
