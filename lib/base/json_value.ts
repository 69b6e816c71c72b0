/**
 * A value that `JSON.stringify` and `JSON.parse` carry unchanged: numbers are
 * finite, and -0 comes back as 0.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
