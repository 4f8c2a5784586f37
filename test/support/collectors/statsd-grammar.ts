/**
 * What a StatsD datagram may hold: DogStatsD's text as both collectors read it.
 * Sources: the CloudWatch agent's `plugins/inputs/statsd/statsd.go`; GameLift's C++ SDK, `PacketBuilder.cpp` and `Tags`.
 * @module
 */

export interface StatsdMetric {
  readonly name: string;
  readonly value: number;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
}

const TYPES = new Set(["g", "c", "ms", "h", "s"]);
const TAG_KEY = /^[A-Za-z][A-Za-z0-9_./-]{0,199}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_.]{0,254}$/;

/** @returns The metrics, and a sentence for each violation; one that is broken is not among the metrics. */
export function readDatagram(
  datagram: Buffer,
  bytesMax: number,
): { metrics: StatsdMetric[]; problems: string[] } {
  const problems: string[] = [];
  const metrics: StatsdMetric[] = [];
  const text = datagram.toString("latin1");
  if (datagram.length === 0) problems.push("empty");
  if (datagram.length > bytesMax) problems.push(`${datagram.length} of ${bytesMax} bytes`);
  if (/[^\x20-\x7e\n]/.test(text)) problems.push("not printable ASCII");
  if (!text.endsWith("\n")) problems.push("its last line has no end");
  for (const line of text.split("\n").slice(0, -1)) {
    const read = readLine(line);
    if (typeof read === "string") problems.push(`${read}: ${line}`);
    else metrics.push(read);
  }
  return { metrics, problems };
}

function readLine(line: string): StatsdMetric | string {
  const [head = "", type = "", ...sections] = line.split("|");
  const colon = head.indexOf(":");
  if (colon === -1) return "no value";
  const name = head.slice(0, colon);
  const text = head.slice(colon + 1);
  if (!NAME.test(name)) return "a name that is none";
  if (!TYPES.has(type)) return `type ${type}`;
  if (!/^-?\d+(\.\d+)?$/.test(text)) return "a value that is no decimal number";
  // A sign makes it a difference, which only these two have.
  if (text.startsWith("-") && type !== "c") return "a negative value";
  if (type === "c" && text.includes(".")) return "a counter with a fraction, which is cut";
  const tags: Record<string, string> = {};
  for (const [index, section] of sections.entries()) {
    if (!section.startsWith("#") || index > 0) return "a section that is not the tags";
    const problem = readTags(section.slice(1), tags);
    if (problem !== undefined) return problem;
  }
  return { name, value: Number(text), type, tags };
}

function readTags(text: string, tags: Record<string, string>): string | undefined {
  if (text === "") return "tags without a tag";
  for (const tag of text.split(",")) {
    // Receivers split at the first colon; an ARN has more of them.
    const colon = tag.indexOf(":");
    if (colon === -1 || colon === tag.length - 1) return "a tag without a value";
    const key = tag.slice(0, colon);
    if (!TAG_KEY.test(key)) return "a tag whose key is none";
    if (key in tags) return "a tag twice";
    tags[key] = tag.slice(colon + 1);
  }
  return undefined;
}
