/** A process's environment: names and their texts. */
export type SdkEnvironment = Readonly<Record<string, string | undefined>>;

/** Asks one of a container's local HTTP endpoints; `fetch` unless given. */
export type LocalFetch = (url: string, init: { signal: AbortSignal }) => Promise<Response>;
