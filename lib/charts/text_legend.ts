import { type Cell, fitted } from "./cell_line.ts";

/** What a symbol of a chart stands for. */
export interface LegendEntry {
  readonly symbol: string;
  readonly text: string;
  /** Whose colour the symbol has; none where left out. */
  readonly series?: number;
}

/**
 * The legend of a chart made of characters.
 *
 * @param entries the entries in their order
 * @param width columns to stay within, at least 40
 * @returns the lines, as many entries in each as fit
 */
export function textLegend(
  entries: readonly LegendEntry[],
  width: number,
): Cell[][] {
  const lines: Cell[][] = [];
  let used = Infinity;
  for (const { symbol, text, series } of entries) {
    const words = ` ${fitted(text, width - symbol.length - 1)}`;
    if (used + 3 + symbol.length + words.length > width) {
      lines.push([]);
      used = 0;
    }
    const gap = used === 0 ? "" : "   ";
    lines.at(-1)!.push({ text: gap }, { text: symbol, series }, {
      text: words,
    });
    used += gap.length + symbol.length + words.length;
  }
  return lines;
}
