import type { Dump } from "../match/conducted-match.ts";
import type { Body } from "../match/rules.ts";
import type { Known, Unknown } from "../swarm/match-load.ts";

/** What of a state is compared, and how exactly. */
export interface CheckPlan {
  /** Metres and metres per second; `"float32"`: the nearest such number, exactly. An angle is always exact. */
  readonly precision: number | "float32";
  /** Of the client's own body: what is farther is not compared. Everything is where it is missing. */
  readonly withinMetres?: number;
}

/** What came of one client's state. */
export interface StateCheck {
  readonly compared: number;
  /** What is missing or different, a few of them in words. */
  readonly wrong: readonly string[];
}

const NUMBERS = ["x", "y", "vx", "vy"] as const;
const WORDS_MAX = 3;

/** Compares what a client has decoded with what the server had at the same tick. */
export function checkState(dump: Dump, known: Known | Unknown, plan: CheckPlan): StateCheck {
  if ("why" in known) return { compared: 0, wrong: [known.why] };
  const wanted = wantedOf(dump, known.ownId, plan.withinMetres);
  if (wanted === undefined) return { compared: 0, wrong: [`the server has no ${known.ownId}`] };
  const wrong = [...wanted].flatMap(([id, body]) => {
    const found = known.bodies.get(id);
    if (found === undefined) return [`${id} is missing`];
    const different = differenceOf(body, found, plan.precision);
    return different === undefined ? [] : [`${id}: ${different}`];
  });
  // Of what it was not to see nothing is said; of the rest it may have no more than there is.
  const extra =
    plan.withinMetres === undefined
      ? [...known.bodies.keys()].filter((id) => !wanted.has(id)).map((id) => `${id} is too much`)
      : [];
  return { compared: wanted.size, wrong: shortened([...wrong, ...extra]) };
}

function wantedOf(
  { bodies }: Dump,
  ownId: string,
  withinMetres: number | undefined,
): ReadonlyMap<string, Body> | undefined {
  const own = bodies.find(({ id }) => id === ownId)?.body;
  if (own === undefined) return undefined;
  const near = bodies.filter(
    ({ body }) =>
      withinMetres === undefined || Math.hypot(body.x - own.x, body.y - own.y) <= withinMetres,
  );
  return new Map(near.map(({ id, body }) => [id, body]));
}

function differenceOf(
  server: Body,
  client: Body,
  precision: CheckPlan["precision"],
): string | undefined {
  for (const name of NUMBERS) {
    const isEqual =
      precision === "float32"
        ? client[name] === Math.fround(server[name])
        : Math.abs(client[name] - server[name]) <= precision;
    if (!isEqual) return `${name} ${client[name]} instead of ${server[name]}`;
  }
  return client.angle === server.angle
    ? undefined
    : `angle ${client.angle} instead of ${server.angle}`;
}

function shortened(wrong: readonly string[]): readonly string[] {
  if (wrong.length <= WORDS_MAX) return wrong;
  return [...wrong.slice(0, WORDS_MAX), `and ${wrong.length - WORDS_MAX} more`];
}
