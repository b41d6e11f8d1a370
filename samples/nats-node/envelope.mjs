import { createHash } from "node:crypto";

/**
 * JSON in the form that is hashed, RFC 8785: members by the UTF-16 units of their names, which is
 * how sort() sorts; numbers and strings as JSON.stringify writes them. Text is put together here,
 * since an object built anew would bring names like "10" to its front and lose "__proto__".
 */
export function canonical(value) {
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

/** Whether the envelope has the hash that it says. */
export function isIntact(envelope) {
  const { envelope_hash: stated, ...hashed } = envelope;
  return stated === createHash("sha256").update(canonical(hashed), "utf8").digest("hex");
}
