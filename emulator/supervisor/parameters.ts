/**
 * Splits the Parameters of a runtime configuration as the service's agent does: at every single blank. Quotes group
 * nothing and are passed on, two blanks make an empty argument between them, blanks at the end make none.
 * @param parameters - `""` for none.
 */
export function splitParameters(parameters: string): string[] {
  const args = parameters.split(" ");
  while (args.at(-1) === "") args.pop();
  return args;
}

/** Whether somebody may have meant a quoted blank to be part of one argument. */
export function hasQuotedBlank(parameters: string): boolean {
  return /"[^"]* [^"]*"|'[^']* [^']*'/.test(parameters);
}
