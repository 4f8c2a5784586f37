import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { Clock } from "../clock.ts";
import { VERIFY_LIMITS } from "./limits.ts";

const HOST = "127.0.0.1";

/** How a port of this machine is listened on. A server that is about to listen gets a few seconds for it. */
export async function probePort(port: number, clock: Clock): Promise<"tcp" | "udp" | "nothing"> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return "nothing";
  const endMs = clock.nowMs() + VERIFY_LIMITS.listenMs;
  for (;;) {
    if (await takesTcp(port)) return "tcp";
    if (await isTakenByUdp(port)) return "udp";
    if (clock.nowMs() > endMs) return "nothing";
    await new Promise<void>((resolve) => clock.after(VERIFY_LIMITS.probeRestMs, resolve));
  }
}

function takesTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(VERIFY_LIMITS.probeMs, () => settle(false));
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/** Whoever holds the port leaves it to nobody else. */
function isTakenByUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code === "EADDRINUSE");
    });
    socket.bind({ port, address: HOST, exclusive: true }, () => {
      socket.close();
      resolve(false);
    });
  });
}
