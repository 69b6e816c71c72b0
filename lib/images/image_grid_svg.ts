import { checkIntegers } from "../base/errors.ts";
import { escapeMarkup } from "../base/format.ts";
import { maxOf } from "../base/statistics.ts";
import { longest, wrapText } from "../base/wrap_text.ts";
import { encodePng } from "./png.ts";
import { type RasterImage, resizeImage } from "./raster_image.ts";

/** An image of a grid with the lines that stand above it. */
export interface LabelledImage {
  /** Gray or RGB, of any size. */
  readonly image: RasterImage;
  /** Lines of text; the same number for all images of a row. */
  readonly labels: readonly string[];
}

/** Rows of images below one line of text. */
export interface ImageBlock {
  /** The line; without one, the rows follow the block before. */
  readonly heading?: string;
  /** Images from left to right; null leaves a place empty. */
  readonly rows: readonly (readonly (LabelledImage | null)[])[];
}

/** What {@link imageGridSvg} shows. */
export interface ImageGridSpec {
  /** The first line, which stands out. */
  readonly title: string;
  /** How to read the images: scales, units, what the labels mean. */
  readonly note: string;
  /** From top to bottom. */
  readonly blocks: readonly ImageBlock[];
  /** Each pixel of an image becomes so many squared; an integer, at least 1. */
  readonly scale: number;
}

/** Around everything, in pixels, as all lengths here. */
const MARGIN = 12;
/** Between two images at least, and below each row. */
const GAP = 6;
/** Title and note need this much to be read in few lines. */
const LEAST_WIDTH = 400;
/** Font sizes. */
const TITLE = 14, HEADING = 12, LABEL = 11;
/** From one line's baseline to the next one's, in font sizes. */
const LINE = 1.35;
/** Width of a letter in font sizes: DejaVu Sans, wide among the usual fonts. */
const LETTER = 0.6;

/**
 * Images in a grid as one SVG document that explains itself: a title, headings,
 * a label above each image, and a note on how to read them, all of it text. The
 * images are PNG inside the document, in places of one size, each in the middle
 * of its own, and their pixels stay sharp squares.
 *
 * @param spec what to show, with at least one image
 * @returns the document, on white; the same spec gives the same bytes
 * @throws {RangeError} where there is no image, or the scale is no positive
 *   integer
 *
 * @example
 * ```ts
 * import { imageGridSvg } from "alphalab/images";
 * import { match } from "node:assert/strict";
 *
 * const data = new Uint8Array([0, 255]);
 * const image = { width: 2, height: 1, channels: 1, data } as const;
 * const svg = imageGridSvg({
 *   title: "Two pixels",
 *   note: "Black is 0, white is 255.",
 *   blocks: [{ rows: [[{ image, labels: ["a step"] }]] }],
 *   scale: 8,
 * });
 * match(svg, /<image .* href="data:image\/png;base64,/);
 * ```
 */
export function imageGridSvg(spec: ImageGridSpec): string {
  const { title, note, blocks, scale } = spec;
  checkIntegers("draw a grid of images", { scale }, 1);
  const rows = blocks.flatMap(({ rows }) => rows);
  const cells = rows.flat().filter((cell) => cell !== null);
  if (cells.length === 0) {
    throw new RangeError(
      "Cannot draw a grid of images: there must be one at least: got none",
    );
  }
  const widest = scale * maxOf(cells.map(({ image }) => image.width));
  const tallest = scale * maxOf(cells.map(({ image }) => image.height));
  const labelWidth = longest(cells.flatMap(({ labels }) => labels)) *
    LETTER * LABEL;
  const pitch = GAP + Math.ceil(Math.max(widest, labelWidth));
  const gridWidth = maxOf(rows.map((row) => row.length)) * pitch - GAP;
  const inner = Math.max(LEAST_WIDTH, gridWidth);

  const parts: string[] = [];
  let y = MARGIN;
  const write = (text: string, size: number, style: string) => {
    const columns = Math.floor(inner / (LETTER * size));
    for (const line of wrapText(text, columns, "").split("\n")) {
      parts.push(
        textElement(line, MARGIN, y + size, `${style} ${sized(size)}`),
      );
      y += size * LINE;
    }
    y += GAP;
  };
  write(title, TITLE, 'font-weight="bold"');
  for (const { heading, rows } of blocks) {
    if (heading !== undefined) write(heading, HEADING, 'fill="#000"');
    for (const row of rows.filter((row) => row.length > 0)) {
      const lines = maxOf(row.map((cell) => cell?.labels.length ?? 0));
      const top = y + lines * LABEL * LINE;
      row.forEach((cell, column) => {
        if (cell === null) return;
        const middle = MARGIN + column * pitch + (pitch - GAP) / 2;
        cell.labels.forEach((label, i) => {
          const baseline = y + LABEL + i * LABEL * LINE;
          const style = `text-anchor="middle" ${sized(LABEL)}`;
          parts.push(textElement(label, middle, baseline, style));
        });
        parts.push(imageElement(cell.image, middle, top + tallest / 2, scale));
      });
      y = top + tallest + GAP;
    }
  }
  y += GAP;
  write(note, LABEL, 'fill="#444"');
  const [width, height] = [inner + 2 * MARGIN, Math.ceil(y)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="figure" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<desc>${escapeMarkup(note)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/**
 * Cells in rows, from left to right and from top to bottom.
 *
 * @param cells any number of them
 * @param columns cells per row, at least 1
 * @returns the rows; the last one may be shorter
 */
export function inRows<Cell>(
  cells: readonly Cell[],
  columns: number,
): Cell[][] {
  return Array.from(
    { length: Math.ceil(cells.length / columns) },
    (_, row) => cells.slice(row * columns, (row + 1) * columns),
  );
}

const sized = (size: number) => `font-size="${size}"`;

/** A length with one decimal at most. */
const rounded = (value: number) => String(Math.round(10 * value) / 10);

function textElement(text: string, x: number, y: number, style: string) {
  return `<text x="${rounded(x)}" y="${rounded(y)}" ${style}>${
    escapeMarkup(text)
  }</text>`;
}

/** An image around a place, and a thin frame, since its edge may be white. */
function imageElement(
  image: RasterImage,
  middleX: number,
  middleY: number,
  scale: number,
): string {
  const width = scale * image.width;
  const height = scale * image.height;
  // Whole pixels, so that the image's own are all of one size.
  const left = Math.round(middleX - width / 2);
  const top = Math.round(middleY - height / 2);
  // Squares in the PNG itself: not all programs keep what they enlarge sharp.
  const png = encodePng(resizeImage(image, { width, height })).toBase64();
  const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
  const frame = [
    `x="${left - 0.5}" y="${top - 0.5}"`,
    `width="${width + 1}" height="${height + 1}"`,
  ].join(" ");
  return [
    `<image ${place} preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,${png}"/>`,
    `<rect ${frame} fill="none" stroke="#999"/>`,
  ].join("\n");
}
