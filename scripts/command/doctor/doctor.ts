/**
 * `fleetroom doctor`: looks at everything that has to be right, and says of each what it is and what to do.
 * @module
 */
import type { Finding, Patient } from "./finding.ts";
import { nodeFinding } from "./node.ts";
import { installedPackages, packageFindings } from "./packages.ts";
import { portFindings } from "./ports.ts";
import { roomsFindings } from "./rooms.ts";
import { awsFinding, programFindings } from "./surroundings.ts";

/** @returns 1 if something would not work, else 0. */
export async function runDoctor(
  patient: Patient & { readonly print: (line: string) => void },
): Promise<number> {
  const { folder, env, print } = patient;
  const findings = [
    nodeFinding(process.versions.node),
    ...(await roomsFindings(patient)),
    ...packageFindings(installedPackages(folder)),
    ...(await portFindings()),
    ...programFindings(env["PATH"] ?? ""),
    awsFinding(env),
  ];
  for (const line of report(findings)) print(line);
  return findings.some(({ state }) => state === "wrong") ? 1 : 0;
}

/** Lines for a person; the last says how it stands. */
export function report(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const indent = " ".repeat(width + "  wrong  ".length);
  const lines = findings.flatMap(({ about, state, words, advice }) => [
    `${about.padEnd(width)}  ${state.padEnd(5)}  ${words.replaceAll("\n", `\n${indent}`)}`,
    ...(advice === undefined ? [] : [`${indent}-> ${advice}`]),
  ]);
  const wrong = findings.filter(({ state }) => state === "wrong").length;
  const things = wrong === 1 ? "1 thing" : `${wrong} things`;
  return [...lines, "", wrong === 0 ? "All that is needed is there." : `${things} to put right.`];
}
