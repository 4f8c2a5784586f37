import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

/** @param files - The paths of a certificate and its key in PEM; none for a port without TLS. */
export function httpServerOf([certFile, keyFile]: readonly string[]): http.Server | https.Server {
  if (certFile === undefined || keyFile === undefined) return http.createServer();
  return https.createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
}
