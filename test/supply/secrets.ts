/**
 * What looks like a secret in a text. Each has a form that nothing else has, so that what is found is worth a look.
 * @module
 */

export interface Finding {
  readonly kind: string;
  /** From 1. */
  readonly line: number;
}

const FORMS: Readonly<Record<string, RegExp>> = {
  "an AWS access key id": /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{16}\b/,
  "an AWS secret access key":
    /(?:secret_?access_?key|secretaccesskey|aws_secret)["'\s:=]{1,5}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/i,
  "a private key": /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{40}/,
  "a GitHub token": /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})/,
  "an npm token": /\bnpm_[A-Za-z0-9]{36}\b|\/:_authToken\s*=\s*[^\s$]{8}/,
  "a Slack token": /\bxox[abprs]-[A-Za-z0-9-]{10}/,
  "a Google API key": /\bAIza[A-Za-z0-9_-]{35}\b/,
  "a Stripe key": /\b[rs]k_live_[A-Za-z0-9]{20}/,
  "a JSON web token": /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/,
  "a password in an address":
    /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`<>${}]+:[^\s/:@"'`<>${}]{6,}@[a-z0-9.-]+/i,
};

/** Made up by AWS for documentation and tests; or of this machine and of names that are nobody's. */
const MADE_UP =
  /EXAMPLE|@(?:127\.0\.0\.1|localhost|(?:[a-z0-9-]+\.)*example(?:\.(?:com|net|org))?)$/;

export function secretsIn(text: string): Finding[] {
  return Object.entries(FORMS).flatMap(([kind, form]) =>
    [...text.matchAll(new RegExp(form.source, `${form.flags}g`))]
      .filter(([found]) => !MADE_UP.test(found))
      .map(({ index }) => ({ kind, line: text.slice(0, index).split("\n").length })),
  );
}
