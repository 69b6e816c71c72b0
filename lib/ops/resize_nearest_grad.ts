import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { sizes } from "./_conv2d_info.ts";

/** Attributes of kernel `ResizeNearestNeighborGrad`. */
interface Attrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** Which row (or column) of `from` each of `to` is taken from. */
function sources(from: number, to: number, attrs: Attrs): number[] {
  const aligned = attrs.alignCorners && to > 1;
  const scale = aligned ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, i) => {
    const place = scale * (attrs.halfPixelCenters ? i + 0.5 : i);
    const nearest = attrs.alignCorners ? Math.round(place) : Math.floor(place);
    return Math.max(0, Math.min(from - 1, nearest));
  });
}

/**
 * Kernel `ResizeNearestNeighborGrad`: (images, dy) → dx: each pixel of dy is
 * added to the one that `tf.image.resizeNearestNeighbor` took it from. TF.js's
 * own searches a window around it, of no size where an image is one pixel
 * high or wide, and does not know `halfPixelCenters`.
 */
export function resizeNearestGradKernels(context: KernelContext): KernelTable {
  return {
    ResizeNearestNeighborGrad: ({ inputs, attrs }) => {
      const { images, dy } = inputs as Record<string, TensorInfo>;
      const [batch, height, width, channels] = sizes(images!.shape);
      const [, dyHeight, dyWidth] = dy!.shape as [number, number, number];
      const options = attrs as unknown as Attrs;
      const rows = sources(height, dyHeight, options);
      const columns = sources(width, dyWidth, options);
      const out = context.output(images!.shape);
      const from = context.view(dy!), dx = context.view(out).fill(0);
      if (dx.length === 0) return out;
      let i = 0;
      for (let image = 0; image < batch; image++) {
        for (const row of rows) {
          for (const column of columns) {
            const at = ((image * height + row) * width + column) * channels;
            for (let c = 0; c < channels; c++) dx[at + c]! += from[i++]!;
          }
        }
      }
      return out;
    },
  };
}
