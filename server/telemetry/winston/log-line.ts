import { type Hide, hideSecrets, isSecretField } from "./secrets.ts";

/** Characters of an error's message and of any other text kept at most. */
const MESSAGE_CHARACTERS_MAX = 500;
const TEXT_CHARACTERS_MAX = 2000;
const STACK_CHARACTERS_MAX = 4000;
const NAME_CHARACTERS_MAX = 100;
/** Members of a list or an object, and levels below one another, kept at most. */
const MEMBERS_MAX = 50;
const DEPTH_MAX = 4;
/** Fields of a line at most; CloudWatch Logs Insights finds 200. */
const FIELDS_MAX = 150;
/** Characters of a whole line at most; CloudWatch takes 256 KB, an event of ours has no business near it. */
const LINE_CHARACTERS_MAX = 32_768;

/**
 * What JSON leaves as it is and is no letter: a terminal obeys U+009B as it does ESC [, readers of lines may take U+0085,
 * U+2028 and U+2029 for ends of lines, and the rest turns around or hides what stands beside it.
 */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

type Scalar = string | number | boolean | null;
export type Fields = Readonly<Record<string, string | number>>;

export interface LineOptions {
  /** Whether errors keep their stacks. */
  readonly hasStack: boolean;
  /** Come behind the head; the event's own field of a name replaces them. */
  readonly context?: Fields;
  /** Hides secrets in all text that is not of head or context; those with a shape unless given. */
  readonly hide?: Hide;
}

/**
 * Writes one event as one line of flat JSON without its line end: what is inside something has a name with dots, as
 * `cause.message`; a list of texts and numbers stays one. Never throws: whatever cannot be read is named as such.
 * @param head - Comes first and is trusted: time, level, event.
 * @param info - May hold anything at all: errors, cycles, getters that throw.
 */
export function logLine(head: Fields, info: unknown, options: LineOptions): string {
  const line = new Map<string, unknown>(Object.entries({ ...head, ...options.context }));
  const isObject = typeof info === "object" && info !== null && !Array.isArray(info);
  const fields = new Flattening(options).of(isObject ? "" : "info", info);
  for (const [name, value] of fields) if (!Object.hasOwn(head, name)) line.set(name, value);
  const text = json(line);
  if (text.length <= LINE_CHARACTERS_MAX) return text;
  return json(new Map(Object.entries({ ...head, ...options.context, isTooLong: true })));
}

function json(line: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(line)).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Walks through a value, bounded in every direction. */
class Flattening {
  readonly #hasStack: boolean;
  readonly #hide: Hide;
  readonly #fields = new Map<string, Scalar | Scalar[]>();

  constructor({ hasStack, hide = hideSecrets() }: LineOptions) {
    this.#hasStack = hasStack;
    this.#hide = hide;
  }

  /** @param name - Of the value; `""` for the event itself. */
  of(name: string, value: unknown): ReadonlyMap<string, Scalar | Scalar[]> {
    this.#add(name, value, 0);
    return this.#fields;
  }

  #add(name: string, value: unknown, depth: number): void {
    if (this.#fields.size >= FIELDS_MAX) return;
    if (typeof value === "object" && value !== null) this.#addObject(name, value, depth);
    else this.#set(name, this.#scalar(value, TEXT_CHARACTERS_MAX));
  }

  #set(name: string, value: Scalar | Scalar[] | undefined): void {
    if (value !== undefined) this.#fields.set(name === "" ? "info" : name, value);
  }

  #scalar(value: unknown, charactersMax: number): Scalar | undefined {
    switch (typeof value) {
      case "string":
        return this.#hide(value, charactersMax);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "bigint":
        return this.#hide(String(value), charactersMax);
      case "undefined":
        return undefined;
      case "object":
        return value === null ? null : "[deeper]";
      default:
        return `[${typeof value}]`;
    }
  }

  #addObject(name: string, value: object, depth: number): void {
    try {
      if (depth >= DEPTH_MAX) this.#set(name, "[deeper]");
      else if (value instanceof Error) this.#addError(name, value, depth);
      else if (Array.isArray(value)) this.#addList(name, value, depth);
      else this.#addMembers(name, value as Record<string, unknown>, depth);
    } catch {
      // A getter or a proxy threw; that is the value's fault and no reason to lose the line.
      this.#set(name, "[unreadable]");
    }
  }

  #addList(name: string, list: readonly unknown[], depth: number): void {
    const items = list.slice(0, MEMBERS_MAX);
    const isFlat = items.every((item) => typeof item !== "object" || item === null);
    if (isFlat) {
      const scalars = items.map((item) => this.#scalar(item, TEXT_CHARACTERS_MAX) ?? null);
      this.#set(name, scalars);
    } else
      for (const [index, item] of items.entries()) this.#add(`${name}.${index}`, item, depth + 1);
  }

  #addMembers(name: string, members: Record<string, unknown>, depth: number): void {
    for (const member of Object.keys(members).slice(0, MEMBERS_MAX)) {
      const isSecret = depth > 0 && isSecretField(member);
      const value = isSecret ? "(hidden)" : members[member];
      this.#add(this.#nameOf(name, member), value, depth + 1);
    }
  }

  #addError(name: string, error: Error, depth: number): void {
    const code: unknown = "code" in error ? error.code : undefined;
    this.#addText(`${name}.name`, error.name, NAME_CHARACTERS_MAX);
    if (typeof code === "string" || typeof code === "number") {
      this.#set(`${name}.code`, this.#scalar(code, NAME_CHARACTERS_MAX));
    }
    this.#addText(`${name}.message`, error.message, MESSAGE_CHARACTERS_MAX);
    const stack: unknown = this.#hasStack ? error.stack : undefined;
    if (typeof stack === "string") this.#addText(`${name}.stack`, stack, STACK_CHARACTERS_MAX);
    if (error.cause !== undefined) this.#add(`${name}.cause`, error.cause, depth + 1);
  }

  #addText(name: string, text: unknown, charactersMax: number): void {
    this.#set(name, this.#hide(String(text), charactersMax));
  }

  #nameOf(outer: string, member: string): string {
    const inner = this.#hide(member, NAME_CHARACTERS_MAX);
    return outer === "" ? inner : `${outer}.${inner}`;
  }
}
