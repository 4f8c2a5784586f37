import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EmfListener } from "../../../support/collectors/emf-listener.ts";
import { StatsdListener } from "../../../support/collectors/statsd-listener.ts";

const TELEMETRY = path.join(import.meta.dirname, "../../../../server/telemetry");

/** A process that sends to both and then has nothing more to do. */
function sending(statsdPort: number, emfPort: number): string {
  return `
    import { UdpSender } from "${TELEMETRY}/statsd/udp-sender.ts";
    import { EmfAgentLine } from "${TELEMETRY}/emf/agent-line.ts";
    import { systemClock as clock } from "${TELEMETRY}/../clock.ts";
    const telemetry = { vendorMessage: ({ message }) => console.error(message) };
    const host = "127.0.0.1";
    const sender = new UdpSender({ host, port: ${statsdPort}, telemetry });
    sender.send(Buffer.from("n:1|c\\n"));
    const line = new EmfAgentLine({ clock, host, port: ${emfPort}, telemetry });
    line.write("{}");
    await line.close();
  `;
}

describe("a process that sends metrics", () => {
  it("[SX7] ends by itself, with everything sent, though the socket is open", async () => {
    const statsd = await StatsdListener.open({ mode: "agent" });
    const emf = await EmfListener.open();
    onTestFinished(async () => {
      await Promise.all([statsd.close(), emf.close()]);
    });
    const program = sending(statsd.port, emf.port);
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const [code] = await once(child, "exit");
    await Promise.all([statsd.waitFor(1), emf.waitFor(1)]);
    expect([code, said, emf.lines]).toEqual([0, "", ["{}"]]);
  });
});
