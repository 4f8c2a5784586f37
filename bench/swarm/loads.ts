import { type CertificateFiles, makeCertificateFiles } from "../subjects/certificate-files.ts";
import { Swarm } from "./swarm.ts";

interface Load {
  readonly swarm: Swarm;
  readonly tls: CertificateFiles | undefined;
}

/** The load of a run, and another one that speaks TLS; each is there from its first use on. */
export class Loads {
  #plain: Load | undefined;
  #secure: Load | undefined;

  of(isTls: boolean): Load {
    if (!isTls) {
      this.#plain ??= { swarm: new Swarm(undefined), tls: undefined };
      return this.#plain;
    }
    if (this.#secure === undefined) {
      const tls = makeCertificateFiles();
      this.#secure = { swarm: new Swarm(tls.certFile), tls };
    }
    return this.#secure;
  }

  /** The next use begins anew. */
  stop(): void {
    for (const load of [this.#plain, this.#secure]) {
      load?.swarm.stop();
      load?.tls?.remove();
    }
    this.#plain = undefined;
    this.#secure = undefined;
  }
}
