const BYTES = /^0x((?:[0-9a-f]{2})+)$/i;

/** What a person typed as a message: bytes such as `0x01ff`, or JSON, or nothing. @returns `undefined` for what is none. */
export function payloadOf(text: string): Uint8Array | { readonly json: unknown } | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return { json: undefined };
  const [, digits] = BYTES.exec(trimmed) ?? [];
  if (digits !== undefined) {
    const pairs = digits.match(/../g) ?? [];
    return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  }
  try {
    return { json: JSON.parse(trimmed) as unknown };
  } catch {
    return undefined;
  }
}
