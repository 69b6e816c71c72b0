import type { Figure } from "../../charts/figure.ts";
import { encodePng } from "../../images/png.ts";
import type { ImageMode } from "../../images/image_text.ts";
import { imageFromValues } from "../../images/raster_image.ts";
import { tileImages, tilePitch, tileText } from "../../images/tile_images.ts";

/** A class's weights. */
export interface ClassTemplate {
  readonly name: string;
  /** `[height, width, channels]` in row-major order, finite. */
  readonly weights: ArrayLike<number>;
}

/** Templates a row: ten fill two rows. */
const COLUMNS = 5;
/** Each pixel is so many squared in the PNG. */
const SCALE = 4;
/** Between tiles of the PNG, in its pixels. */
const GAP = 4;

/**
 * The weights of a linear classifier as pictures, one a class: what an image
 * should look like to score highest. The smallest weight of a class is 0 and
 * its largest 255, over all channels, each class on its own scale.
 *
 * @param file the PNG's name
 * @param options.title the figure's first line, at most 40 characters; in
 *   documents the classes' names follow it
 * @param options.templates the classes, in the pictures' order
 * @param options.mode how a terminal shows it; characters where it takes no
 *   escape codes
 * @returns the figure
 *
 * @example
 * ```ts
 * import { templateFigure } from "alphalab";
 *
 * const figure = templateFigure("templates.png", {
 *   title: "Templates",
 *   width: 2,
 *   height: 1,
 *   channels: 1,
 *   mode: "ascii",
 *   templates: [
 *     { name: "left", weights: [1, 0] },
 *     { name: "right", weights: [0, 1] },
 *   ],
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function templateFigure(
  file: string,
  options: {
    readonly title: string;
    readonly templates: readonly ClassTemplate[];
    readonly width: number;
    readonly height: number;
    readonly channels: 1 | 3;
    readonly mode: ImageMode;
  },
): Figure {
  const { templates } = options;
  const names = templates.map(({ name }) => name);
  const title = `${options.title}: ${names.join(", ")}`;
  const images = templates.map(({ weights }) =>
    imageFromValues(weights, options)
  );
  return {
    file,
    title,
    text({ width, color }) {
      const mode = color ? options.mode : "ascii";
      // Odd, so that tiles without their gap fill whole lines of two pixels.
      const pitch = tilePitch(COLUMNS, width) - 1 | 1;
      const lines = [options.title];
      for (let first = 0; first < names.length; first += COLUMNS) {
        const row = images.slice(first, first + COLUMNS);
        const captions = names.slice(first, first + COLUMNS)
          .map((name) => name.slice(0, pitch - 1).padEnd(pitch));
        lines.push(
          captions.join("").trimEnd(),
          // A last row that is not full keeps the size of the others.
          tileText(
            row,
            { columns: row.length, width: pitch * row.length - 1, mode },
          ),
        );
      }
      return lines.join("\n");
    },
    picture: () =>
      Promise.resolve(encodePng(
        tileImages(images, {
          columns: COLUMNS,
          gap: GAP,
          scale: SCALE,
          background: 255,
        }),
      )),
  };
}
