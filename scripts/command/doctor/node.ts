import type { Finding } from "./finding.ts";
import { isOlder } from "./packages.ts";

/** The oldest without a known fault that reaches us (July 2026). */
const NODE_SAFE = "24.18.1";

export function nodeFinding(version: string): Finding {
  if (!isOlder(version, NODE_SAFE)) return { about: "node", state: "good", words: version };
  const words = `${version} has known faults that strangers on the network can use`;
  return { about: "node", state: "note", words, advice: `install Node ${NODE_SAFE} or newer` };
}
