import type { Metric } from "../catalogue/metric.ts";
import { type MetricName, metrics } from "../catalogue/metrics.ts";
import type { SampleWindow } from "../sample-window.ts";
import { EMF_LIMITS } from "./limits.ts";

export type EmfMetricName = {
  [Name in MetricName]: (typeof metrics)[Name] extends { cloudwatch: "emf" } ? Name : never;
}[MetricName];

export interface EmfDocument {
  readonly namespace: string;
  /** `""` is not known. */
  readonly fleetId: string;
  readonly location: string;
  /** `""` is the agent's own choice. */
  readonly logGroupName: string;
  /** Ids: to be found by in the log, never a metric's. `""` is left out. */
  readonly properties: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly windows: Readonly<Record<EmfMetricName, SampleWindow>>;
}

/**
 * One line of CloudWatch's embedded metric format, without its end. A metric without observations is left out.
 * @returns `undefined` where nothing was observed.
 */
export function emfLine(document: EmfDocument): string | undefined {
  const observed = (Object.keys(document.windows) as EmfMetricName[]).filter(
    (name) => document.windows[name].count > 0,
  );
  if (observed.length === 0) return undefined;
  const dimensions = dimensionsOf(document);
  return JSON.stringify({
    _aws: {
      Timestamp: Math.floor(document.timestamp),
      ...(document.logGroupName !== "" && { LogGroupName: document.logGroupName }),
      CloudWatchMetrics: [
        {
          Namespace: document.namespace,
          Dimensions: dimensions.sets,
          Metrics: observed.map((name) => ({ Name: name, Unit: (metrics[name] as Metric).unit })),
        },
      ],
    },
    ...dimensions.members,
    ...propertiesOf(document.properties),
    ...Object.fromEntries(observed.map((name) => [name, valuesOf(document.windows[name])])),
  });
}

function dimensionsOf({ fleetId, location }: EmfDocument): {
  sets: string[][];
  members: Record<string, string>;
} {
  if (!isDimension(fleetId)) return { sets: [[]], members: {} };
  if (!isDimension(location)) return { sets: [["FleetId"]], members: { FleetId: fleetId } };
  return {
    sets: [["FleetId", "Location"], ["FleetId"]],
    members: { FleetId: fleetId, Location: location },
  };
}

function isDimension(value: string): boolean {
  return value !== "" && value.length <= EMF_LIMITS.dimensionValueCharsMax;
}

function propertiesOf(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, value.slice(0, EMF_LIMITS.propertyCharsMax)]),
  );
}

/**
 * All values, or a hundred that stand for them: the smallest below which 1 %, 2 % … lie, and the largest of all. So a
 * percentile of these is one of all within a rank of 1 %; their number and their sum are those of a sample.
 */
function valuesOf(window: SampleWindow): number[] {
  const sorted = window.sorted();
  const { valuesPerMetricMax } = EMF_LIMITS;
  if (window.count <= valuesPerMetricMax) return Array.from(sorted, brief);
  const values = Array.from({ length: valuesPerMetricMax }, (_, index) => {
    const rank = Math.ceil(((index + 1) / valuesPerMetricMax) * sorted.length);
    return brief(sorted[rank - 1] ?? 0);
  });
  // The largest may be none of those that were kept.
  values[valuesPerMetricMax - 1] = brief(window.max);
  return values;
}

/** Five digits: a hundred values are a kilobyte. */
function brief(value: number): number {
  return Number(value.toPrecision(5));
}
