import { readdirSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import type { Meters } from "./meters.ts";

/** @returns Sets what the system and the engine say of this process. */
export function shownProcess(meters: Meters): () => void {
  const cpu = meters.counter("process_cpu_seconds_total");
  const resident = meters.gauge("process_resident_memory_bytes");
  const used = meters.gauge("nodejs_heap_size_used_bytes");
  const total = meters.gauge("nodejs_heap_size_total_bytes");
  const external = meters.gauge("nodejs_external_memory_bytes");
  const files = meters.gauge("process_open_fds");
  meters.gauge("process_start_time_seconds").set(performance.timeOrigin / 1000);
  return () => {
    const { user, system } = process.cpuUsage();
    cpu.reach((user + system) / 1e6);
    resident.set(process.memoryUsage.rss());
    const heap = getHeapStatistics();
    used.set(heap.used_heap_size);
    total.set(heap.total_heap_size);
    external.set(heap.external_memory);
    const count = openFiles();
    if (count === undefined) files.clear();
    else files.set(count);
  };
}

function openFiles(): number | undefined {
  try {
    // Without the one that the list is read from.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined; // Only Linux has it, and the metric is absent elsewhere.
  }
}
