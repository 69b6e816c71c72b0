/**
 * Images: PNG files, sizes, tiles, grids with labels, and pictures in a
 * terminal.
 *
 * @module
 */
export {
  type ImageBlock,
  type ImageGridSpec,
  imageGridSvg,
  type LabelledImage,
} from "./image_grid_svg.ts";
export { type ImageMode, imageText } from "./image_text.ts";
export { decodePng, encodePng } from "./png.ts";
export { imageFromValues, type RasterImage } from "./raster_image.ts";
export { resizeImage } from "./raster_image.ts";
export { tileImages } from "./tile_images.ts";
