/**
 * DogStatsD text, one line for each metric:
 *
 *     name:value|type|#key:value,key:value\n
 *
 * @module
 */

/** `g` gauge, `c` counter, `ms` timer, `h` values of which the receiver keeps a distribution. */
export type StatsdType = "g" | "c" | "ms" | "h";

/** `""` without tags; otherwise `|#` and all of them. A tag without a value is left out. */
export function tagSuffix(tags: Readonly<Record<string, string>>): string {
  const written = Object.entries(tags)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}:${tagValue(value)}`);
  return written.length === 0 ? "" : `|#${written.join(",")}`;
}

/** What ends a value, a tag or a line is replaced. Colons are not: receivers split at the first, and ARNs are full of them. */
function tagValue(value: string): string {
  return value.replace(/[^\x21-\x7e]|[|,#]/g, "_");
}

/** @param value - Written with three decimals at most: thousandths of a millisecond are a microsecond. */
export function statsdLine(
  name: string,
  value: number,
  type: StatsdType,
  tagsAsWritten: string,
): string {
  return `${name}:${Math.round(value * 1_000) / 1_000}|${type}${tagsAsWritten}\n`;
}

/** Puts lines into as few packets as their order allows. A line that is longer than a packet is left out. */
export function packetsOf(
  lines: readonly string[],
  bytesMax: number,
): { packets: Buffer[]; leftOut: number } {
  const packets: Buffer[] = [];
  let packet = "";
  let leftOut = 0;
  // Lines are ASCII: a character is a byte.
  for (const line of lines) {
    if (line.length > bytesMax) {
      leftOut++;
      continue;
    }
    if (packet.length + line.length > bytesMax) {
      packets.push(Buffer.from(packet, "latin1"));
      packet = "";
    }
    packet += line;
  }
  if (packet !== "") packets.push(Buffer.from(packet, "latin1"));
  return { packets, leftOut };
}
