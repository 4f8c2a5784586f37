import { type FromIniInit, fromIni } from "@aws-sdk/credential-provider-ini";

/** How long keys from a file are believed when the file does not say. */
const BELIEVED_MS = 300_000;

type CredentialProvider = ReturnType<typeof fromIni>;

/**
 * AWS credentials from the shared files, read again when they may have changed: the SDK's own chain reads a file once in
 * a process's life, and a supervisor outlives most credentials.
 * @returns `undefined` where the SDK's own chain does better: keys in the environment, or none in a file.
 */
export async function openCredentials(
  env: Readonly<Record<string, string | undefined>>,
  wallMs: () => number,
): Promise<CredentialProvider | undefined> {
  if (env["AWS_ACCESS_KEY_ID"] && env["AWS_SECRET_ACCESS_KEY"]) return undefined;
  const files: FromIniInit = {
    ignoreCache: true,
    ...(env["AWS_PROFILE"] ? { profile: env["AWS_PROFILE"] } : {}),
    ...(env["AWS_SHARED_CREDENTIALS_FILE"] ? { filepath: env["AWS_SHARED_CREDENTIALS_FILE"] } : {}),
    ...(env["AWS_CONFIG_FILE"] ? { configFilepath: env["AWS_CONFIG_FILE"] } : {}),
  };
  const read: CredentialProvider = async (options) => {
    const found = await fromIni(files)(options);
    return { ...found, expiration: found.expiration ?? new Date(wallMs() + BELIEVED_MS) };
  };
  try {
    await read();
    return read;
  } catch {
    return undefined; // The chain finds other sources, or says in the end that there is none.
  }
}
