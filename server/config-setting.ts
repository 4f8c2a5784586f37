/** `undefined` from a parser means: not allowed. The reason is the setting's `allowed` text. */
export interface Setting<T> {
  /** Name in the configuration file, lower camel case; the other two names follow from it. */
  readonly key: string;
  /** What applies when no source names the setting, as text. */
  readonly defaultText: string;
  /** Where the default depends on something: how the page words it. */
  readonly defaultNote?: string;
  /** Completes "allowed: …". */
  readonly allowed: string;
  /** One or two sentences, unit included. */
  readonly meaning: string;
  /** Never a flag, never in a message: command lines are visible to everyone on the machine. */
  readonly isSecret?: boolean;
  /** True when the value may carry a password by mistake, so that a message must not repeat it. */
  readonly isHidden?: boolean;
  /** False for what cannot sit in the file because it names the file. */
  readonly isInFile?: boolean;
  /** True when the file may give an array instead of text with commas. */
  readonly isList?: boolean;
  parse(text: string): T | undefined;
}

export function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}
