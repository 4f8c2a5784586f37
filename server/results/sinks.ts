import type { Clock } from "../clock.ts";
import type { ServerConfig } from "../config.ts";
import { FileResultSink } from "./file/file-result-sink.ts";
import { HttpResultSink } from "./http/http-result-sink.ts";
import type { ResultSink } from "./results.ts";

/** The sinks that the configuration asks for; none is a choice, too. */
export function resultSinks(config: ServerConfig, clock: Clock): readonly ResultSink[] {
  const { resultsDir, resultsUrl: url } = config;
  return [
    ...(resultsDir === "" ? [] : [new FileResultSink(resultsDir)]),
    ...(url === "" ? [] : [new HttpResultSink({ url, token: config.secrets.resultsToken, clock })]),
  ];
}
