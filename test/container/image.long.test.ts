import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuiltServer } from "../support/built-server.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";
import { parseDockerfile } from "./dockerfile.ts";
import { type ImageRoot, imageRoot } from "./image-root.ts";
import { IsolatedRun, mayIsolate } from "./isolated-run.ts";

const ROOT = path.join(import.meta.dirname, "../..");
/** The image's own are 7000 and 7100; here the machine's network is shared with whoever else runs. */
const PORTS = { game: "21390-21394", admin: "21395-21399" };
/** Of infra/container-group.json. */
const HEAP = "--max-old-space-size=128";
const DRAIN_MS = 2_000;

let built: BuiltServer;
let image: ImageRoot;

describe.skipIf(!mayIsolate)(
  "the image's last stage, as process 1 on a read-only root (root alone may isolate one)",
  () => {
    beforeAll(() => {
      built = new BuiltServer();
      const { stages } = parseDockerfile(readFileSync(path.join(ROOT, "Dockerfile"), "utf8"));
      const last = stages.at(-1);
      if (last === undefined) throw new Error("no stage");
      image = imageRoot(last, {
        "/usr/local/bin/node": process.execPath,
        // Node's own, which the image of the build stage has there.
        "/usr/local/LICENSE": path.join(ROOT, "LICENSE"),
        "/out/dist/": built.dist,
      });
    });
    afterAll(() => {
      image?.[Symbol.dispose]();
      built?.[Symbol.dispose]();
    });

    it("[IF24] hosts a match on a fleet, is well, tells its own port alone, drains on SIGTERM and ends with 0, writing nothing", async () => {
      await using service = await GameLiftService.open();
      await using run = new IsolatedRun(image, {
        ...service.environment(),
        ...{ FLEETROOM_HOST: "127.0.0.1", FLEETROOM_PORT: PORTS.game },
        ...{ FLEETROOM_ADMIN_PORT: PORTS.admin, FLEETROOM_DRAIN_MS: String(DRAIN_MS) },
        NODE_OPTIONS: HEAP,
      });
      const { port, adminPort } = await run.line("server_listening");
      expect(run.status("NSpid").split("\t").at(-1)).toBe("1");
      expect(run.status("Uid").split("\t")).toEqual(["65532", "65532", "65532", "65532"]);

      expect(run.rootOptions).toContain("ro");

      const isReady = () => (service.processes.get("process-1")?.healthReports.length ?? 0) > 0;
      await service.until(isReady, 15_000);
      expect(
        service.requests.find(({ action }) => action === "ActivateServerProcess")?.message,
      ).toMatchObject({ Port: port });
      const arn = service.placeGameSession({
        processId: "process-1",
        maximumPlayerSessionCount: 4,
      });
      await service.until(() => service.gameSession(arn).status === "ACTIVE", 15_000);
      const id = service.createPlayerSession(arn, "anna");
      const player = await LightPlayer.join({ port: Number(port), transport: "ws" }, id);
      if (typeof player === "number") throw new Error(`refused with ${player}`);
      await until(() => player.frameCount > 20);

      const healthy = run.health({ FLEETROOM_ADMIN_PORT: String(adminPort) });
      expect(healthy).toMatchObject({ status: 0, stderr: "" });
      expect(JSON.parse(healthy.stdout)).toMatchObject({ port });
      const silent = run.health({ FLEETROOM_ADMIN_PORT: "1" });
      expect(silent.status).toBe(1);
      expect(silent.stdout).toContain("ECONNREFUSED");
      expect(run.states).toHaveLength(1);
      expect(run.states).not.toContain("Z");

      const startMs = performance.now();
      run.signal("SIGTERM");
      expect(await run.exited, run.stderr).toBe(0);
      expect(performance.now() - startMs).toBeLessThan(DRAIN_MS + 5_000);
      await player.closed;
      expect(player.code).toBe(4413);
      expect(service.violations).toEqual([]);
      expect(run.lines.map(({ event }) => event)).toContain("server_stopped");
      expect(run.lines.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
      expect(run.stderr).toBe("");
    });

    it("[IF24] can be tried without a fleet, as docs/INFRA.md says, where somebody asks for that", async () => {
      await using run = new IsolatedRun(image, {
        ...{ NODE_ENV: "development", FLEETROOM_ALLOW_INSECURE: "1", FLEETROOM_HOST: "127.0.0.1" },
        ...{ FLEETROOM_PORT: PORTS.game, FLEETROOM_ADMIN_PORT: PORTS.admin },
      });
      const { port, adminPort } = await run.line("server_listening");
      await run.line("game_session_started");
      const player = await LightPlayer.join(
        { port: Number(port), transport: "tcp" },
        "psess-local-1",
      );
      if (typeof player === "number") throw new Error(`refused with ${player}`);
      expect(run.health({ FLEETROOM_ADMIN_PORT: String(adminPort) }).status).toBe(0);
      await player.leave();
      run.signal("SIGTERM");
      expect(await run.exited, run.stderr).toBe(0);
    });

    it("[IF24] is not started by somebody who forgot the fleet", async () => {
      await using run = new IsolatedRun(image, { FLEETROOM_PORT: PORTS.game });
      expect(await run.exited).toBe(1);
      expect(run.stderr).toContain("FLEET_LOCAL_UNSAFE");
    });
  },
);
