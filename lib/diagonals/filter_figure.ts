import type { Figure } from "../charts/figure.ts";
import { formatFixed } from "../cli/format.ts";
import { wrapText } from "../cli/wrap_text.ts";
import { encodePng } from "../images/encode_png.ts";
import { imageFromValues, valueBounds } from "../images/raster_image.ts";
import { tileImages } from "../images/tile_images.ts";
import { sideBySide } from "./side_by_side.ts";

/** A filter, and a few words about it. */
export interface CaptionedFilter {
  /** Lines of at most some 22 characters. */
  readonly caption: readonly string[];
  /** `[size, size]`, finite. */
  readonly values: ArrayLike<number>;
}

/** Each weight is so many pixels squared in the PNG. */
const SCALE = 24;
/** Filters a row in the PNG. */
const COLUMNS = 3;
/** Gaps of the PNG. */
const BACKGROUND = 40;

/**
 * Square filters beside each other, their weights as aligned numbers; in the
 * PNG as grays, each from −m, black, to m, white, of its own largest |weight| m.
 *
 * @param file the PNG's name
 * @param options.title the figure's first line
 * @param options.filters in their order, all of one size
 * @returns the figure
 *
 * @example
 * ```ts
 * import { filterFigure } from "alphalab";
 *
 * const figure = filterFigure("filters.png", {
 *   title: "Filters",
 *   filters: [{ caption: ["an edge"], values: [-1, 1, -1, 1] }],
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function filterFigure(
  file: string,
  { title, filters }: {
    readonly title: string;
    readonly filters: readonly CaptionedFilter[];
  },
): Figure {
  const size = Math.sqrt(filters[0]!.values.length);
  return {
    file,
    title,
    text({ width }) {
      const blocks = filters.map(({ caption, values }) => [
        ...caption,
        ...Array.from(
          { length: size },
          (_, row) =>
            Array.from(
              { length: size },
              (_, column) =>
                formatFixed(values[row * size + column]!, 2).padStart(6),
            ).join(""),
        ),
      ]);
      return `${wrapText(title, width).trimStart()}\n${
        sideBySide(blocks, width)
      }`;
    },
    picture() {
      const tiles = filters.map(({ values }) => {
        const [low, high] = valueBounds(values);
        const largest = Math.max(-low, high);
        return imageFromValues(values, {
          ...{ width: size, height: size, channels: 1 },
          range: [-largest, largest],
        });
      });
      const options = { columns: COLUMNS, gap: 2, scale: SCALE };
      return Promise.resolve(
        encodePng(tileImages(tiles, { ...options, background: BACKGROUND })),
      );
    },
  };
}
