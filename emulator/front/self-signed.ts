/**
 * Self-signed certificates, written by hand (X.509 in DER: RFC 5280, section 4.1), so that TLS on one machine needs no
 * program beside Node.
 * @module
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
/** Context tags of a certificate's version and extensions, and of a name's DNS name and IP address. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const COMMON_NAME = Buffer.from("0603550403", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");
const ECDSA_WITH_SHA256 = der(SEQUENCE, Buffer.from("06082a8648ce3d040302", "hex"));
const SHA256_WITH_RSA = der(SEQUENCE, Buffer.from("06092a864886f70d01010b0500", "hex"));

export interface SelfSigned {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS 8. */
  readonly key: string;
}

/**
 * For `localhost`, 127.0.0.1 and ::1, good from 2025 to 2049.
 * @param name - The common name.
 * @param rsaBits - 2048 is the least that TLS takes.
 */
export function selfSigned(name: string, kind: "ec" | "rsa" = "ec", rsaBits = 2048): SelfSigned {
  const { publicKey, privateKey } =
    kind === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: rsaBits });
  const algorithm = kind === "ec" ? ECDSA_WITH_SHA256 : SHA256_WITH_RSA;
  const who = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(name)))),
  );
  const names = der(
    SEQUENCE,
    der(DNS_NAME, Buffer.from("localhost")),
    der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])),
    der(IP_ADDRESS, Buffer.from([...Array<number>(15).fill(0), 1])),
  );
  const signed = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    // The first byte keeps the number positive and in its shortest form.
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    who,
    der(SEQUENCE, time("250101000000Z"), time("491231235959Z")),
    who,
    publicKey.export({ type: "spki", format: "der" }),
    der(EXTENSIONS, der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, names)))),
  );
  const signature = sign("sha256", signed, privateKey);
  const whole = der(
    SEQUENCE,
    signed,
    algorithm,
    der(BIT_STRING, Buffer.concat([Buffer.from([0]), signature])),
  );
  return {
    certificate: pem("CERTIFICATE", whole),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function time(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text));
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  // Lengths of 128 to 255 have one byte in their shortest form.
  if (length >= 128 && length < 256) header.splice(0, 2, 0x81);
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
