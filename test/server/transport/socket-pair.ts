import { connect, createServer, Server, type Socket } from "node:net";

const open: (Server | Socket)[] = [];

/** To be closed after a test by {@link closeSockets}. */
export function opened<Each extends Server | Socket>(each: Each): Each {
  open.push(each);
  return each;
}

export function closeSockets(): void {
  for (const each of open.splice(0)) {
    if (each instanceof Server) each.close();
    else each.destroy();
  }
}

/** A connection as the game port accepts it, and its peer. */
export async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = opened(createServer({ noDelay: true, allowHalfOpen: true }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const far = opened(connect({ port, host: "127.0.0.1", noDelay: true }));
  far.on("error", () => {});
  return { near: opened(await accepted), far };
}
