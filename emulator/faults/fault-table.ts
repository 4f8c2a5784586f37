import type { FaultKind, FaultOrder } from "./fault.ts";
import { CALL_FAULTS } from "./kinds/calls.ts";
import { PROCESS_FAULTS } from "./kinds/processes.ts";
import { SESSION_FAULTS } from "./kinds/sessions.ts";
import { WIRE_FAULTS } from "./kinds/wire.ts";
import { list, type Mistake, type Path, shown } from "./members.ts";

/** Every fault there is, by name. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  ...WIRE_FAULTS,
  ...PROCESS_FAULTS,
  ...SESSION_FAULTS,
  ...CALL_FAULTS,
};

/**
 * Reads `{fault, …}` with the members of that fault.
 * @param mistakes - All that is wrong is added to it; the result is then `undefined`.
 */
export function readFault(
  object: Readonly<Record<string, unknown>>,
  path: Path,
  mistakes: Mistake[],
): FaultOrder | undefined {
  const { fault: name, ...members } = object;
  const kind =
    typeof name === "string" && Object.hasOwn(FAULT_KINDS, name) ? FAULT_KINDS[name] : undefined;
  if (kind === undefined || typeof name !== "string") {
    const what = name === undefined ? "is missing" : `is ${shown(name)}`;
    const allowed = `allowed is one of ${list(Object.keys(FAULT_KINDS))}`;
    mistakes.push({ path: [...path, "fault"], text: `${what}; ${allowed}` });
    return undefined;
  }
  return kind.read(name, members, path, mistakes);
}
