/**
 * Secrets in somebody else's text: a message of an error, a vendor's line. What has a shape is found by its shape, the rest
 * by being told.
 * @module
 */
const HIDDEN = "(hidden)";
/** Shorter ones are not looked for: they would be found in innocent words. */
const SECRET_CHARACTERS_MIN = 8;
/** No secret is longer; a text is read so far beyond what is kept of it, so that none is cut in half and slips past. */
const SECRET_CHARACTERS_MAX = 4_096;

/** What every text with a secret that has a shape has in it; most texts end here. */
const SUSPICIOUS =
  /psess-|A[KS]IA|eyJ|IQoJ|FwoG|FQoG|:\/\/|token|secret|password|credential|authorization|bearer|cookie|signature/i;

const SCHEME = String.raw`\b[a-z][a-z0-9+.-]{1,19}:\/\/`;
const SECRET_NAME = "token|secret|secret_?access_?key|password|credentials?|cookie|signature";

/** Each takes time in proportion to the text: a stranger may have written it. */
const SHAPES: readonly [RegExp, string][] = [
  [/psess-[A-Za-z0-9-]+/g, `psess-${HIDDEN}`],
  // Userinfo and query of a URL: the Server SDK's has its token there, a presigned one its signature.
  [new RegExp(String.raw`(${SCHEME})[^\s"'<>/?#@]+@`, "gi"), `$1${HIDDEN}@`],
  // No other URL within it, or each of thousands would be looked through to the end of the text.
  [
    new RegExp(String.raw`(${SCHEME}(?:(?!:\/\/)[^\s"'<>?#])*)[?#][^\s"'<>]+`, "gi"),
    `$1?${HIDDEN}`,
  ],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  [/\b(authorization\W{1,6}(?:(?:bearer|basic)\s+)?)(?!\(hidden)[^\s"'\\,;&}()]+/gi, `$1${HIDDEN}`],
  // `authToken: x`, `"SecretAccessKey":"x"`, `aws_session_token=x`, `x-amz-security-token: x`.
  [
    new RegExp(
      String.raw`((?:${SECRET_NAME})\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)[^\s"'\\,;&}()]+`,
      "gi",
    ),
    `$1${HIDDEN}`,
  ],
  [/\bA[KS]IA[A-Z0-9]{12,}/g, HIDDEN],
  // A JSON Web Token, and an AWS session token.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, HIDDEN],
  [/\b(?:IQoJ|FwoG|FQoG)[\w+/=%-]{16,}/g, HIDDEN],
];

/** A field of such a name says what its value is. */
const SECRET_FIELD =
  /(?:token|secret|secret_?access_?key|password|credentials?|authorization|cookie|player_?session_?id)s?$/i;

/** Hides secrets in a text and cuts it. */
export type Hide = (text: string, charactersMax: number) => string;

/**
 * @param secrets - Those that are known by themselves, asked for at every text; shorter ones than 8 characters are left
 *   alone. The same array as long as they are the same: another one is made ready first.
 */
export function hideSecrets(secrets: () => readonly string[] = () => []): Hide {
  let known: readonly string[] = [];
  let pattern = patternOf(known);
  const hideKnown = (text: string) => {
    const told = secrets();
    if (told !== known) pattern = patternOf(told);
    known = told;
    return pattern === undefined ? text : text.replace(pattern, HIDDEN);
  };
  return (text, charactersMax) => {
    const read = text.slice(0, charactersMax + SECRET_CHARACTERS_MAX);
    const hidden = hideKnown(hideShaped(read));
    // The end of what was read may be half a secret.
    const sureMax = read === text ? hidden.length : hidden.length - SECRET_CHARACTERS_MAX;
    const keptMax = Math.max(0, Math.min(charactersMax, sureMax));
    return read === text && hidden.length <= charactersMax
      ? hidden
      : `${hidden.slice(0, keptMax)}…`;
  };
}

export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

function hideShaped(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return SHAPES.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), text);
}

/** Finds each secret, also as part of a URL; one pattern for hundreds costs less than hundreds of searches. */
function patternOf(secrets: readonly string[]): RegExp | undefined {
  const long = secrets.filter((secret) => secret.length >= SECRET_CHARACTERS_MIN);
  const forms = new Set(long.flatMap((secret) => [secret, encodeURIComponent(secret)]));
  // Where one begins with another, the whole of it.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return forms.size === 0 ? undefined : new RegExp(longestFirst.map(literal).join("|"), "g");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
