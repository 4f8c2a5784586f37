/**
 * A process with the real guard in it, which does what it is told: `node process-guard-fixture.ts SCENARIO`.
 * What the guard calls is written to standard output, a word a line.
 * @module
 */
import { ErrorCode, GameServerError, HostAssertion } from "../../server/errors.ts";
import { type Guarded, ProcessGuard } from "../../server/process-guard.ts";
import { MemoryTelemetry } from "../../server/telemetry/memory/memory-telemetry.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

class SpokenTelemetry extends MemoryTelemetry {
  override serverStopped(event: { exitCode: number }): void {
    say(`stopped ${event.exitCode}`);
  }
}

const telemetry = new SpokenTelemetry();
const guard = new ProcessGuard();
const done = Promise.withResolvers<void>();
const stray = (): Error => new Error("stray");
const claim = (): Error => new HostAssertion("two plus two is four");

/** Keeps the process alive, as an open port does. */
const busy = (): NodeJS.Timeout => setInterval(() => {}, 1_000);
/** Drains without end. */
const guarded: Guarded = {
  drain: (reason, deadlineMs) => say(`drain ${reason} ${deadlineMs}`),
  fault: (where, cause) => say(`fault ${where}: ${(cause as Error).message}`),
};
const throwing: Guarded = {
  ...guarded,
  drain: () => {
    say("drain throws");
    throw stray();
  },
};

function serve(watched: Guarded): () => Promise<void> {
  return async () => {
    busy();
    guard.watch(watched, 5_000);
    say("ready");
    await done.promise;
  };
}

/** Throws in every way there is, then asks whether the process still lives. */
function throwInEveryWay(make: () => Error): void {
  setTimeout(() => {
    throw make();
  });
  setImmediate(() => {
    throw make();
  });
  queueMicrotask(() => {
    throw make();
  });
  process.nextTick(() => {
    throw make();
  });
  void Promise.reject(make());
  setTimeout(() => {
    say("alive");
    done.resolve();
  }, 50);
}

const ways: Record<string, (fail: () => void) => unknown> = {
  timer: (fail) => setTimeout(fail),
  immediate: (fail) => setImmediate(fail),
  promise: (fail) => Promise.resolve().then(fail),
  async: async (fail) => {
    await null;
    fail();
  },
};

const scenarios: Record<string, () => Promise<void> | void> = {
  serves: () => guard.run(telemetry, serve(guarded)),
  "serves with a drain that throws": () => guard.run(telemetry, serve(throwing)),
  "starts for ever": () =>
    guard.run(telemetry, async () => {
      busy();
      say("starting");
      await done.promise;
    }),
  "ends by itself": () =>
    guard.run(telemetry, async () => {
      await null;
      // Left behind, as a vendor's timer may be.
      busy();
    }),
  "waits for ever": () =>
    guard.run(
      telemetry,
      async () => guard.watch(guarded, 5_000),
      () => new Promise<never>(() => {}),
    ),
  "cannot settle": () =>
    guard.run(
      telemetry,
      async () => {
        guard.watch(guarded, 5_000);
        busy();
      },
      async () => {
        throw stray();
      },
    ),
  "strays while it serves": () => {
    const running = guard.run(telemetry, serve(guarded));
    throwInEveryWay(stray);
    return running;
  },
  "strays before it serves": () =>
    guard.run(telemetry, async () => {
      busy();
      setTimeout(() => {
        throw stray();
      });
      await done.promise;
    }),
  "rejects before it serves": () =>
    guard.run(telemetry, async () => {
      busy();
      void Promise.reject(stray());
      await done.promise;
    }),
  "fails to start": () =>
    guard.run(telemetry, async () => {
      busy();
      throw new GameServerError(ErrorCode.PORT_TAKEN, "port 7000 is taken");
    }),
  "fails to start by a bug": () =>
    guard.run(telemetry, async () => {
      throw new TypeError("a bug");
    }),
  "has a mistake in its configuration": () => {
    guard.orExit(() => {
      throw new GameServerError(ErrorCode.CONFIG_INVALID, "two\nmistakes");
    });
    say("went on");
  },
  "has a good configuration": () => {
    say(`read ${guard.orExit(() => 42)}`);
  },
};
for (const [way, run] of Object.entries(ways)) {
  scenarios[`asserts in a ${way}`] = () => {
    const running = guard.run(telemetry, serve(guarded));
    run(() => {
      throw claim();
    });
    return running;
  };
}

await scenarios[process.argv[2] ?? ""]?.();
