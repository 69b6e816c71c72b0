export * from "./activation.ts";
export * from "./batch_norm.ts";
export * from "./conv2d.ts";
export * from "./dense.ts";
export * from "./dropout_layer.ts";
export * from "./flatten.ts";
export type { Layer, LayerDescription } from "./layer.ts";
export * from "./max_pool.ts";
export * from "./sequential.ts";
