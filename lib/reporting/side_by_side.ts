import { maxOf } from "../base/statistics.ts";

/** Columns between two blocks. */
const GAP = 3;

/**
 * Puts blocks of lines beside each other, as many as fit, and the others below.
 *
 * @param blocks each as wide as its longest line
 * @param width columns to stay within, if the widest block does
 * @returns the lines, with an empty one between two rows of blocks
 */
export function sideBySide(
  blocks: readonly (readonly string[])[],
  width: number,
): string {
  const rows: (typeof blocks[number])[][] = [];
  let used = Infinity;
  for (const block of blocks) {
    const next = GAP + widthOf(block);
    if (used + next <= width) {
      rows.at(-1)!.push(block);
      used += next;
    } else {
      rows.push([block]);
      used = widthOf(block);
    }
  }
  return rows.map((row) => {
    const height = maxOf(row.map(({ length }) => length));
    return Array.from(
      { length: height },
      (_, i) =>
        row.map((block) => pad(block[i] ?? "", widthOf(block)))
          .join(" ".repeat(GAP)).trimEnd(),
    ).join("\n");
  }).join("\n\n");
}

function widthOf(block: readonly string[]): number {
  return maxOf(block.map((line) => [...line].length));
}

function pad(line: string, width: number): string {
  return line + " ".repeat(width - [...line].length);
}
