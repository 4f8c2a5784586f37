/** Decides which web pages may reach the server; programs that are no browser send no Origin and always may. */
export type OriginRule = (origin: string | undefined) => boolean;

const LOOPBACK = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;

/**
 * @param allowed - Web origins as browsers send them, compared as they are.
 * @param allowsLoopback - Whether pages served by this machine may, too.
 */
export function originRule(allowed: readonly string[], allowsLoopback: boolean): OriginRule {
  const listed = new Set(allowed);
  return (origin) =>
    origin === undefined || listed.has(origin) || (allowsLoopback && LOOPBACK.test(origin));
}
