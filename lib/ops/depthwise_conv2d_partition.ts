import type { Conv2DInfo } from "./conv2d_info.ts";

/** Multiplications with addition that a chunk is worth: some 50 µs. */
const CHUNK_WORK = 200_000;

/** As many as keep 8 threads busy to the end. */
const MAX_CHUNKS = 32;

/** How many of `rows` a chunk of a depthwise convolution takes. */
export function rowsOfChunk(rows: number, info: Conv2DInfo): number {
  const { batchSize, outHeight, outWidth, outChannels } = info;
  const work = batchSize * outHeight * outWidth * outChannels *
    info.filterHeight * info.filterWidth;
  const chunks = Math.min(MAX_CHUNKS, Math.max(1, work / CHUNK_WORK));
  return Math.max(1, Math.ceil(rows / chunks));
}

/** What the depthwise kernels must know of the geometry. */
export function depthwiseGeometry(info: Conv2DInfo) {
  return {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    channels: info.inChannels,
    multiplier: info.outChannels / Math.max(1, info.inChannels),
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
