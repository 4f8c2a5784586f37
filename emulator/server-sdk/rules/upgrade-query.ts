import { isUniqueId } from "./shapes.ts";

/** The parameters of an upgrade, decoded. */
export type UpgradeQuery = Readonly<Record<string, string>>;

export const MANDATORY_PARAMETERS = [
  "Authorization",
  "ComputeId",
  "FleetId",
  "IdempotencyToken",
  "pID",
  "sdkLanguage",
  "sdkVersion",
] as const;
const SIGNATURE_PARAMETERS = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Signature",
];
const SESSION_TOKEN_PARAMETER = "X-Amz-Security-Token";

/**
 * Takes an upgrade's target apart. By hand, because a `+` in a value is a plus here and a blank to URLSearchParams.
 * @returns With the names that were there more than once; of those the last value counts.
 */
export function readUpgradeUrl(url: string): {
  readonly path: string;
  readonly query: UpgradeQuery;
  readonly repeated: readonly string[];
} {
  const [path = "", search = ""] = url.split("?", 2);
  const pairs = new Map<string, string>();
  const repeated = new Set<string>();
  for (const pair of search === "" ? [] : search.split("&")) {
    const [name = "", ...rest] = pair.split("=");
    if (pairs.has(name)) repeated.add(name);
    pairs.set(name, decoded(rest.join("=")));
  }
  return { path, query: Object.fromEntries(pairs), repeated: [...repeated] };
}

/** One SDK pastes most values as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Everything about an upgrade's query that is not as documented; names, never values. */
export function queryViolations(query: UpgradeQuery): string[] {
  const isSigned = query["Authorization"] === "SigV4";
  const wanted: readonly string[] = isSigned
    ? [...MANDATORY_PARAMETERS, ...SIGNATURE_PARAMETERS]
    : MANDATORY_PARAMETERS;
  const allowed = isSigned ? [...wanted, SESSION_TOKEN_PARAMETER] : wanted;
  const violations = [
    ...wanted.filter((name) => !query[name]).map((name) => `query ${name}: missing`),
    ...Object.keys(query)
      .filter((name) => !allowed.includes(name))
      .map((name) => `query ${name}: not documented`),
  ];
  const { IdempotencyToken, sdkVersion } = query;
  if (IdempotencyToken && !isUniqueId(IdempotencyToken)) {
    violations.push("query IdempotencyToken: neither UUID nor 32 alphanumerics");
  }
  if (sdkVersion && !/^\d+\.\d+\.\d+$/.test(sdkVersion)) {
    violations.push("query sdkVersion: not three numbers");
  }
  return violations;
}
