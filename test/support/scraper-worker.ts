/** Scrapes in a thread of its own, so that the players beside it do not make it late. */
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import type { Scrape } from "./scraper.ts";

const { adminUrl, pid, everyMs } = workerData as { adminUrl: string; pid: number; everyMs: number };
/** For each scrape. */
const CONTROLS = 4;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const scrapes: Scrape[] = [];
let isOver = false;

/** CPU time that the thread which runs the match has had. */
function threadMs(): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

function ask(path: string): Promise<{ cpuMs: number; body: string }> {
  return new Promise((resolve, reject) => {
    const startMs = threadMs();
    const request = get(`${adminUrl}${path}`, { agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => {
        body += text;
      });
      response.on("end", () => {
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
        else resolve({ cpuMs: threadMs() - startMs, body });
      });
    });
    request.on("error", reject);
  });
}

parentPort?.once("message", () => {
  isOver = true;
});
while (!isOver) {
  const controlsMs: number[] = [];
  // The first one may have to open the connection anew, so that the scrape need not.
  for (let control = 0; control < CONTROLS; control++) {
    controlsMs.push((await ask("/healthz")).cpuMs);
  }
  const scrape = await ask("/metrics");
  const series = scrape.body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  scrapes.push({
    cpuMs: scrape.cpuMs,
    controlMs: Math.max(...controlsMs),
    series: series.length,
    text: scrape.body,
  });
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
parentPort?.postMessage(scrapes);
