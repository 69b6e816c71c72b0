/** How the text of a flag's value becomes a value. */
export interface ValueKind<T> {
  /** Stands for the value in the help, in angle brackets. */
  readonly placeholder: string;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** Reads one value; `undefined` for a text that is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

/** Which numbers are allowed; a bound that is left out does not bind. */
export interface Bounds {
  readonly min?: number;
  readonly greaterThan?: number;
  readonly max?: number;
  readonly lessThan?: number;
}

const DECIMAL = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^-?\d+$/;

/**
 * One of the given words.
 *
 * @param options the words that are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function choice<const T extends string>(
  options: readonly T[],
): ValueKind<T> {
  return {
    placeholder: "choice",
    expected: `one of ${options.join(", ")}`,
    parse: (text) => options.find((option) => option === text),
  };
}

/**
 * A finite number in decimal notation, with or without an exponent.
 *
 * @param bounds which numbers are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function number(bounds: Bounds = {}): ValueKind<number> {
  return {
    placeholder: "number",
    expected: `a number${describeBounds(bounds)}`,
    parse: (text) => parseWithin(DECIMAL, text, bounds),
  };
}

/**
 * A whole number that float64 holds exactly, in plain digits.
 *
 * @param bounds which numbers are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function integer(bounds: Bounds = {}): ValueKind<number> {
  return {
    placeholder: "integer",
    expected: `an integer${describeBounds(bounds)}`,
    parse: (text) => {
      const value = parseWithin(INTEGER, text, bounds);
      return Number.isSafeInteger(value) ? value : undefined;
    },
  };
}

/**
 * Any text but the empty one.
 *
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function text(): ValueKind<string> {
  return {
    placeholder: "text",
    expected: "a text",
    parse: (text) => text === "" ? undefined : text,
  };
}

/**
 * Values of one kind, separated by commas; no empty item, none twice.
 *
 * @param item the kind of one value
 * @returns the kind of the whole list
 */
export function list<T>(item: ValueKind<T>): ValueKind<readonly T[]> {
  return {
    placeholder: "list",
    expected: `comma-separated values without repeats, each ${item.expected}`,
    parse: (text) => {
      const values: T[] = [];
      for (const part of text.split(",")) {
        const value = item.parse(part);
        if (value === undefined || values.includes(value)) return undefined;
        values.push(value);
      }
      return values;
    },
  };
}

function parseWithin(
  pattern: RegExp,
  text: string,
  { min, greaterThan, max, lessThan }: Bounds,
): number | undefined {
  if (!pattern.test(text)) return undefined;
  const value = Number(text) + 0; // -0 becomes 0
  const allowed = Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (greaterThan === undefined || value > greaterThan) &&
    (max === undefined || value <= max) &&
    (lessThan === undefined || value < lessThan);
  return allowed ? value : undefined;
}

function describeBounds({ min, greaterThan, max, lessThan }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const parts = [
    min === undefined ? [] : `of at least ${min}`,
    greaterThan === undefined ? [] : `greater than ${greaterThan}`,
    max === undefined ? [] : `of at most ${max}`,
    lessThan === undefined ? [] : `less than ${lessThan}`,
  ].flat();
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}
