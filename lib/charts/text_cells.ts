import asciichart from "asciichart";

/** One place of a chart made of characters, or several of one colour. */
export interface Cell {
  readonly text: string;
  /** Which series it belongs to; undefined for the background. */
  readonly series?: number;
}

/** Readable on black and on white. */
const COLORS = ["lightblue", "red", "green", "magenta", "cyan", "yellow"]
  .map((name): string => asciichart[name]);

/**
 * Joins cells to a line without trailing spaces, neighbours of one colour in
 * one escape.
 *
 * @param cells the cells from left to right
 * @param color whether to give each series its colour
 * @returns the line; no escape codes where `color` is false
 */
export function cellLine(cells: readonly Cell[], color: boolean): string {
  let line = "";
  let blanks = "";
  for (let i = 0; i < cells.length;) {
    const { series } = cells[i]!;
    let text = "";
    for (; i < cells.length && cells[i]!.series === series; i++) {
      text += cells[i]!.text;
    }
    if (series !== undefined) {
      line += blanks +
        (color
          ? asciichart.colored(text, COLORS[series % COLORS.length])
          : text);
      blanks = "";
    } else {
      const solid = text.trimEnd();
      if (solid !== "") line += blanks + solid;
      blanks = solid === "" ? blanks + text : text.slice(solid.length);
    }
  }
  return line;
}

/**
 * Shortens a text to a width.
 *
 * @param text any text without line breaks
 * @param width columns, at least 1
 * @returns the text, its end replaced by … where it is too long
 */
export function fitted(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters.slice(0, width - 1).join("")}…`;
}

/**
 * Moves a text to the middle of a width.
 *
 * @param text no longer than `width`
 * @param width columns
 * @returns the text with spaces before it
 */
export function centred(text: string, width: number): string {
  return " ".repeat(Math.floor((width - text.length) / 2)) + text;
}

/**
 * A chart's plot area before anything is drawn.
 *
 * @param rowCount its rows
 * @param columns its columns
 * @returns `[rowCount][columns]`, spaces
 */
export function blankGrid(rowCount: number, columns: number): Cell[][] {
  return Array.from(
    { length: rowCount },
    () => Array.from({ length: columns }, () => ({ text: " " })),
  );
}
