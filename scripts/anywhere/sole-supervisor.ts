import { createHash } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { AnywhereError, AnywhereErrorCode } from "./errors.ts";

/** How long a living supervisor may take to answer; it only accepts. */
const ANSWER_MS = 1_000;

/**
 * Holds a compute's name on this machine, so that a second supervisor does not deregister the first one's compute. A
 * socket holds it and not a file: nothing listens on it once its process is dead, whatever killed that.
 * @returns Gives the name back.
 * @throws AnywhereError ANYWHERE_ALREADY_RUNNING.
 */
export async function holdComputeName(
  fleetId: string,
  computeName: string,
  folder: string = os.tmpdir(),
): Promise<() => Promise<void>> {
  const hash = createHash("sha256").update(`${fleetId} ${computeName}`).digest("hex").slice(0, 16);
  const user = process.getuid?.() ?? 0;
  const file = path.join(folder, `fleetroom-anywhere-${user}-${hash}.sock`);
  const server = net.createServer((socket) => socket.destroy());
  server.unref();
  if (!(await listens(server, file))) {
    if (await isAnswered(file)) throw alreadyRunning(computeName);
    await rm(file, { force: true });
    if (!(await listens(server, file))) throw alreadyRunning(computeName);
  }
  return async () => {
    server.close();
    await once(server, "close");
  };
}

async function listens(server: net.Server, file: string): Promise<boolean> {
  server.listen(file);
  try {
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}

async function isAnswered(file: string): Promise<boolean> {
  const socket = net.connect(file);
  const timer = setTimeout(() => socket.destroy(new Error("no answer")), ANSWER_MS);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    // Only a refusal, or a file that is gone, proves that nobody is there.
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ECONNREFUSED" && code !== "ENOENT";
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function alreadyRunning(computeName: string): AnywhereError {
  return new AnywhereError(
    AnywhereErrorCode.ANYWHERE_ALREADY_RUNNING,
    `another supervisor on this machine runs compute ${computeName} | What to do: end it, or take another FLEETROOM_ANYWHERE_COMPUTE_NAME.`,
  );
}
