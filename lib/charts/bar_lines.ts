import { formatPercent } from "../base/format.ts";
import { longest } from "../base/wrap_text.ts";

/** A bar's last column, from an eighth to seven. */
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Columns of a name, at most. */
const LONGEST_NAME = 40;

/**
 * Shares of a whole as lines: name, percent, and a bar that is as long as the
 * line for 100 %.
 *
 * @param shares in the order of the lines; values 0 to 1
 * @param width columns of a line, at least 60
 * @returns one line per share
 *
 * @example
 * ```ts
 * import { barLines } from "#lib/charts/bar_lines.ts";
 *
 * const shares = [{ name: "cat", share: 0.75 }, { name: "dog", share: 0.25 }];
 * console.log(barLines(shares, 60).join("\n"));
 * ```
 */
export function barLines(
  shares: readonly { readonly name: string; readonly share: number }[],
  width: number,
): string[] {
  const names = shares.map(({ name }) =>
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
  );
  const nameWidth = longest(names);
  const barWidth = width - nameWidth - "  100.00 %  ".length;
  return shares.map(({ share }, i) => {
    const eighths = Math.round(8 * barWidth * share);
    const bar = "█".repeat(eighths >> 3) + PARTS[eighths % 8];
    const percent = formatPercent(share).padStart("100.00 %".length);
    return `${names[i]!.padEnd(nameWidth)}  ${percent}  ${bar}`.trimEnd();
  });
}
