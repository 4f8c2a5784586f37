/**
 * A process that has a targets file and answers to scrapes: `node test/support/scraped-process.ts DIR`. Ends on SIGTERM.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../server/clock.ts";
import { MemoryTelemetry } from "../../server/telemetry/memory/memory-telemetry.ts";
import { TargetsFile } from "../../server/telemetry/targets/targets-file.ts";

const [dir = ""] = process.argv.slice(2);
const server = createServer((_, response) => {
  response.setHeader("Content-Type", "text/plain; version=0.0.4");
  response.end("# TYPE fleetroom_healthy gauge\nfleetroom_healthy 1\n");
});
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as AddressInfo;
  const file = new TargetsFile({
    dir,
    target: `127.0.0.1:${port}`,
    labels: { FleetId: "fleet-1", Location: "eu-west-1", Ordinal: "00" },
    clock: systemClock,
    telemetry: new MemoryTelemetry(),
  });
  await file.open();
  process.stdout.write(`${port}\n`);
  process.once("SIGTERM", async () => {
    await file.close();
    server.close();
    server.closeAllConnections();
  });
});
