/**
 * The parts of the templates that follow from `scripts/gamelift/launch.ts`: CloudFormation cannot compute a heap limit, so
 * that every one it may need is written down. A template keeps them between two marks.
 * @module
 */
import { heapMegabytesInContainer, heapMegabytesPerProcess } from "../gamelift/launch.ts";
import { CONTAINER_MEGABYTES, INSTANCE_MEGABYTES, PROCESS_COUNTS } from "./instance-types.ts";

const PARTS: Readonly<Record<string, () => readonly string[]>> = {
  "instance-types": () => [...INSTANCE_MEGABYTES.keys()].map((type) => `- ${type}`),
  "process-counts": () => [`[${PROCESS_COUNTS.join(", ")}]`],
  "container-memory": () => [`[${CONTAINER_MEGABYTES.join(", ")}]`],
  "heap-table": heapTable,
  "container-heap-table": containerHeapTable,
  "memory-rules": memoryRules,
};

/** A template with every marked part written anew. @throws Error for a mark that names no part, or has no end. */
export function withTemplateParts(template: string): string {
  const marks = template.match(/# made of scripts\/gamelift\/launch\.ts: /g)?.length ?? 0;
  let written = 0;
  const text = template.replaceAll(
    /^( *)(# made of scripts\/gamelift\/launch\.ts: ([a-z-]+)\n)[\s\S]*?^ *# end$/gm,
    (_, indent: string, mark: string, name: string) => {
      const part = PARTS[name];
      if (part === undefined) throw new Error(`There is no part called ${name}.`);
      written++;
      const lines = part().map((line) => `${indent}${line}\n`);
      return `${indent}${mark}${lines.join("")}${indent}# end`;
    },
  );
  if (written !== marks) throw new Error("A mark has no end.");
  return text;
}

/** The heap limits of an instance by how many processes it has; those that do not fit are missing. */
function heapsOf(memoryMegabytes: number): readonly (readonly [count: number, heap: number])[] {
  return PROCESS_COUNTS.flatMap((count) => {
    const heap = heapMegabytesPerProcess(memoryMegabytes, count);
    return heap === undefined ? [] : [[count, heap] as const];
  });
}

function heapTable(): string[] {
  return [...INSTANCE_MEGABYTES].map(([type, memoryMegabytes]) => {
    const heaps = heapsOf(memoryMegabytes).map(([count, heap]) => `"${count}": "${heap}"`);
    return `${type}: { ${heaps.join(", ")} }`;
  });
}

function containerHeapTable(): string[] {
  return CONTAINER_MEGABYTES.map((megabytes) => {
    const heap = heapMegabytesInContainer(megabytes);
    if (heap === undefined) throw new Error(`No server fits into ${megabytes} MB.`);
    return `"${megabytes}": { heap: "${heap}" }`;
  });
}

/** A sentence in place of CloudFormation's about a missing entry of a mapping. */
function memoryRules(): string[] {
  const byMost = new Map<number, string[]>();
  for (const [type, memoryMegabytes] of INSTANCE_MEGABYTES) {
    const most = heapsOf(memoryMegabytes).at(-1)?.[0] ?? 0;
    byMost.set(most, [...(byMost.get(most) ?? []), type]);
  }
  return [...byMost].flatMap(([most, types]) => {
    if (most === PROCESS_COUNTS.at(-1)) return [];
    const fitting = PROCESS_COUNTS.filter((count) => count <= most);
    return [
      `AtMost${most}:`,
      `  RuleCondition: { "Fn::Contains": [[${types.join(", ")}], { Ref: InstanceType }] }`,
      "  Assertions:",
      `    - Assert: { "Fn::Contains": [[${fitting.map((count) => `"${count}"`).join(", ")}], { Ref: ProcessesPerInstance }] }`,
      `      AssertDescription: This InstanceType has memory for ${most} processes at most. Choose fewer, or a larger type.`,
    ];
  });
}
