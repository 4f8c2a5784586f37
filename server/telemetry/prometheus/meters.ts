import assert from "node:assert/strict";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Metric, seriesCount } from "../catalogue/metric.ts";
import { type MetricName, metrics } from "../catalogue/metrics.ts";
import { PROMETHEUS_LIMITS } from "./limits.ts";
import { PlainHistogram } from "./plain-histogram.ts";
import { type LabelValues, SeriesByLabels } from "./series.ts";

type NameOf<Kind extends Metric["kind"]> = {
  [Name in MetricName]: (typeof metrics)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

type Labels = Readonly<Record<string, readonly string[]>>;

/** Amounts that are no finite number from 0 up count for nothing; labels from outside of their sets likewise. */
export interface CounterMeter {
  add(amount: number, ...labels: LabelValues): void;
  /** For what is summed up elsewhere. @param total - Never falls. */
  reach(total: number, ...labels: LabelValues): void;
}

export interface GaugeMeter {
  set(value: number, ...labels: LabelValues): void;
  /** Leaves none of its series until it is set again. */
  clear(): void;
}

export interface HistogramMeter {
  observe(value: number, ...labels: LabelValues): void;
}

/** Every metric of the catalogue, in a registry of its own. */
export class Meters {
  readonly registry = new Registry();
  readonly #counters = new Map<string, CounterMeter>();
  readonly #gauges = new Map<string, GaugeMeter>();
  readonly #histograms = new Map<string, HistogramMeter>();

  /** @param constants - Values of labels that the catalogue leaves open with `*`, by label. */
  constructor(constants: Readonly<Record<string, string>>) {
    let series = 0;
    for (const [name, metric] of Object.entries<Metric>(metrics)) {
      series += seriesCount(metric);
      this.#make(name, metric, closedLabels(metric.labels ?? {}, constants));
    }
    assert(series <= PROMETHEUS_LIMITS.seriesMax, `the catalogue has ${series} series`);
  }

  counter(name: NameOf<"counter">): CounterMeter {
    return known(this.#counters.get(name));
  }

  gauge(name: NameOf<"gauge">): GaugeMeter {
    return known(this.#gauges.get(name));
  }

  histogram(name: NameOf<"histogram">): HistogramMeter {
    return known(this.#histograms.get(name));
  }

  #make(name: string, metric: Metric, labels: Labels): void {
    const options = {
      name,
      help: metric.meaning,
      labelNames: Object.keys(labels),
      registers: [this.registry],
    };
    switch (metric.kind) {
      case "counter":
        this.#counters.set(name, counterMeter(new Counter(options), labels));
        break;
      case "gauge":
        this.#gauges.set(name, gaugeMeter(new Gauge(options), labels));
        break;
      case "histogram":
        this.#histograms.set(name, this.#histogram(options, metric.buckets ?? [], labels));
    }
  }

  #histogram(
    options: ConstructorParameters<typeof Histogram>[0],
    buckets: readonly number[],
    labels: Labels,
  ): HistogramMeter {
    if (Object.keys(labels).length > 0) {
      return histogramMeter(new Histogram({ ...options, buckets: [...buckets] }), labels);
    }
    const plain = new PlainHistogram(options.name, options.help, buckets);
    plain.register(this.registry);
    return plain;
  }
}

function counterMeter(counter: Counter, labels: Labels): CounterMeter {
  const series = new SeriesByLabels(labels, (given) => {
    const { inc } = counter.labels(given);
    inc(0);
    return { inc, total: 0 };
  });
  return {
    add(amount, ...values) {
      if (isAmount(amount)) series.of(values)?.inc(amount);
    },
    reach(total, ...values) {
      const reached = series.of(values);
      if (reached === undefined || !isAmount(total) || total < reached.total) return;
      reached.inc(total - reached.total);
      reached.total = total;
    },
  };
}

function gaugeMeter(gauge: Gauge, labels: Labels): GaugeMeter {
  const series = new SeriesByLabels(labels, (given) => {
    const one = gauge.labels(given);
    one.set(0);
    return { set: (value: number) => one.set(value), remove: () => gauge.remove(given) };
  });
  return {
    set(value, ...values) {
      if (Number.isFinite(value)) series.of(values)?.set(value);
    },
    clear() {
      for (const { remove } of series.all) remove();
    },
  };
}

function histogramMeter(histogram: Histogram, labels: Labels): HistogramMeter {
  const series = new SeriesByLabels(labels, (given) => {
    histogram.zero(given);
    return histogram.labels(given);
  });
  return {
    observe(value, ...values) {
      if (isAmount(value)) series.of(values)?.observe(value);
    },
  };
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function closedLabels(labels: Labels, constants: Readonly<Record<string, string>>): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, values]) => [
      name,
      values.map((value) => (value === "*" ? (constants[name] ?? "") : value)),
    ]),
  );
}

function known<Meter>(meter: Meter | undefined): Meter {
  assert(meter !== undefined);
  return meter;
}
