/**
 * The body of the CloudWatch dashboard. Fleet and Region are variables that whoever looks at it fills in.
 * @module
 */
import {
  FLEET_DIMENSION,
  LOG_GROUP,
  NAMESPACE,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import type { Term } from "../../server/telemetry/catalogue/cloudwatch-terms.ts";
import { type Graph, type LogTable, rows } from "./dashboard-rows.ts";
import { termDimension, termNamespace } from "./published.ts";
import { SCRAPE } from "./sidecar.ts";

/** The dashboard puts the chosen ones in place of them. */
const FLEET_PLACEHOLDER = "fleet-00000000-0000-0000-0000-000000000000";
const REGION_PLACEHOLDER = "us-east-1";

const COLUMNS = 24;
const HEIGHT = 6;

export function dashboardBody(): object {
  let y = 0;
  const widgets: object[] = [];
  for (const { question, graphs } of rows) {
    widgets.push({
      ...{ type: "text", x: 0, y, width: COLUMNS, height: 1 },
      properties: { markdown: `## ${question}` },
    });
    y += 1;
    const width = COLUMNS / graphs.length;
    graphs.forEach((graph, index) => {
      widgets.push({ x: index * width, y, width, height: HEIGHT, ...widget(graph) });
    });
    y += HEIGHT;
  }
  return { periodOverride: "inherit", variables: variables(), widgets };
}

function variables(): object[] {
  return [
    {
      type: "pattern",
      pattern: FLEET_PLACEHOLDER,
      inputType: "select",
      id: "fleet",
      label: "Fleet",
      visible: true,
      search: `{${NAMESPACE},${FLEET_DIMENSION}} MetricName="fleetroom_healthy"`,
      populateFrom: FLEET_DIMENSION,
    },
    {
      type: "property",
      property: "region",
      inputType: "input",
      id: "region",
      label: "Region",
      visible: true,
      defaultValue: REGION_PLACEHOLDER,
    },
  ];
}

function widget(graph: Graph | LogTable): object {
  if ("query" in graph) {
    const query = [
      `SOURCE '${LOG_GROUP}'`,
      `filter fleetId = "${FLEET_PLACEHOLDER}"`,
      ...graph.query,
    ];
    return {
      type: "log",
      properties: {
        ...{ title: graph.title, region: REGION_PLACEHOLDER, view: "table" },
        query: query.join(" | "),
      },
    };
  }
  return {
    type: "metric",
    properties: {
      ...{ title: graph.title, region: REGION_PLACEHOLDER, view: "timeSeries", period: 60 },
      stacked: graph.isStacked ?? false,
      metrics: Object.entries(graph.lines).flatMap(([label, line], index) =>
        linesOf(label, line, `m${index}`),
      ),
    },
  };
}

/**
 * The sum of a gauge over all processes: each is scraped several times within a long period, and each time counts.
 */
function linesOf(label: string, term: Term & { isTotal?: boolean }, id: string): unknown[] {
  const name = termDimension(term);
  const dimensions = [
    ...[FLEET_DIMENSION, FLEET_PLACEHOLDER],
    ...(name === undefined || term.value === undefined ? [] : [name, term.value]),
  ];
  const options = { id, label, stat: term.statistic };
  const series = [termNamespace(term), term.metric, ...dimensions];
  if (!term.isTotal) return [[...series, options]];
  return [
    [{ expression: `${id} * ${SCRAPE.intervalS} / PERIOD(${id})`, id: `${id}total`, label }],
    [...series, { ...options, visible: false }],
  ];
}
