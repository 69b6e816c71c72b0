import type { JsonValue } from "../base/json_value.ts";

/**
 * A value of a run's record for the reader, in one line.
 *
 * @param value a flag's value, or a fact's
 * @returns lists and objects with commas, checksums shortened
 */
export function factText(value: JsonValue): string {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([name, one]) =>
      Array.isArray(value) ? factText(one) : `${name} ${factText(one)}`
    ).join(", ");
  }
  const text = String(value).trim().replace(/\s+/g, " ");
  return /^[\da-f]{40,}$/.test(text) ? `${text.slice(0, 12)}…` : text;
}
