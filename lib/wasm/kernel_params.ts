// deno-fmt-ignore-file
/**
 * What kernels/ says of its parameters and constants. Written by
 * `deno task build:kernels`, not by hand.
 */

export const LINEAR = 0;
export const RELU = 1;
export const RELU6 = 2;
export const SLOPE = 3;
export const PRELU = 4;
export const MAT_MUL_PRELU = 3;
export const MAT_MUL_LEAKY_RELU = 4;
export const SOURCE_DIRECT = 0;
export const SOURCE_PRIVATE = 1;
export const SOURCE_SHARED = 2;
export const SCRATCH_HEADER = 64;
export const ENTRY_WORDS = 5;
export const CONTROL_GENERATION = 0;
export const CONTROL_KERNEL = 256;
export const F32 = 4;

/** `ParameterTable` of kernels/parameter_table.ts. */
export interface ParameterTable {
  /** usize [chunks + 1]: each chunk's first entry, then the end */
  readonly starts: number;
}

/** `AdadeltaParams` of kernels/adadelta.ts. */
export interface AdadeltaParams extends ParameterTable {
  readonly learningRate: number;
  readonly rho: number;
  readonly oneMinusRho: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** `AdamParams` of kernels/adam.ts. */
export interface AdamParams extends ParameterTable {
  readonly beta1: number;
  readonly oneMinusBeta1: number;
  readonly beta2: number;
  readonly oneMinusBeta2: number;
  readonly stepSize: number;
  readonly vScale: number;
  readonly epsilon: number;
}

/** `PoolingParams` of kernels/pooling.ts. */
export interface PoolingParams {
  /** f32 [batch, inHeight, inWidth, channels] */
  readonly x: number;
  /** f32 [batch, outHeight, outWidth, channels]; backward: dy */
  readonly y: number;
  /** f32, x's shape; backward only */
  readonly dx: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly bandRows: number;
  /** units an image */
  readonly bands: number;
  readonly units: number;
  readonly chunkUnits: number;
}

/** `BatchNormParams` of kernels/batch_norm.ts. */
export interface BatchNormParams {
  /** f32 [size] */
  readonly x: number;
  /** f32 [size], or 0 forward */
  readonly dy: number;
  /** f32 [size]: y forward, dx backward */
  readonly out: number;
  /** f32 [chunks, 3, period] */
  readonly partials: number;
  /** [5, period]: center, factor, offset, dyMean, dyFactor */
  readonly coefficients: number;
  readonly size: number;
  readonly period: number;
  readonly chunkSize: number;
}

/** `BiasActivationGradParams` of kernels/bias_activation_grad.ts. */
export interface BiasActivationGradParams {
  /** f32 [size], or 0 */
  readonly reference: number;
  /** f32 [size] */
  readonly dy: number;
  /** f32 [size], or 0 */
  readonly dz: number;
  /** f32 [chunks, period + 1] */
  readonly partials: number;
  readonly size: number;
  readonly period: number;
  readonly chunkSize: number;
  readonly slope: number;
}

/** `ClipByValueParams` of kernels/clip_by_value.ts. */
export interface ClipByValueParams {
  /** f32 [size] */
  readonly x: number;
  /** f32 [size] */
  readonly out: number;
  readonly size: number;
  readonly chunkSize: number;
  readonly lowest: number;
  readonly highest: number;
}

/** `Conv2dParams` of kernels/conv2d.ts. */
export interface Conv2dParams {
  /** f32 [batch, inHeight, inWidth, inChannels] */
  readonly x: number;
  /** packed: see packFilter */
  readonly filter: number;
  /** f32 [outChannels rounded up to 8] */
  readonly bias: number;
  /** f32 [outChannels rounded up to 8], of SLOPE and PRELU */
  readonly slope: number;
  /** f32 [batch, outHeight, outWidth, outChannels] */
  readonly y: number;
  /** threads × scratchBytes; 0: windows stay inside the image */
  readonly scratch: number;
  readonly scratchBytes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** of the reads; 1 in the gradient */
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** 1 where there are phases */
  readonly dilationHeight: number;
  /** above 1 only with scratch */
  readonly dilationWidth: number;
  /** the stride in the gradient; 1 forward */
  readonly phasesHeight: number;
  readonly phasesWidth: number;
  /** first row that output row 0 of any phase reads */
  readonly windowTop: number;
  /** rows that the output rows 0 of all phases read */
  readonly windowHeight: number;
  readonly windowLeft: number;
  readonly windowWidth: number;
  readonly bandRows: number;
  /** an image */
  readonly bands: number;
  readonly units: number;
  readonly chunkUnits: number;
  readonly activation: number;
}

/** `Conv2dFilterGradParams` of kernels/conv2d_filter_grad.ts. */
export interface Conv2dFilterGradParams {
  /** f32 [batch, inHeight, inWidth, inChannels] */
  readonly x: number;
  /** f32 [batch, outHeight, outWidth, outChannels] */
  readonly dy: number;
  /** f32 [chunks, …], each of dFilter's shape */
  readonly out: number;
  /** threads × scratchBytes: window, dy, sums */
  readonly scratch: number;
  readonly scratchBytes: number;
  /** 0: the windows stay inside the image */
  readonly windowBytes: number;
  /** 0: outChannels is at least 8 */
  readonly dyBytes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly bandRows: number;
  /** an image */
  readonly bands: number;
  readonly units: number;
  readonly chunkUnits: number;
}

/** `Conv2dPackParams` of kernels/conv2d_pack.ts. */
export interface Conv2dPackParams {
  /** f32 [filterHeight, filterWidth, filterIn, filterOut] */
  readonly filter: number;
  readonly packed: number;
  /** f32 [channels], or 0: none */
  readonly bias: number;
  /** f32 [channels rounded up to 8] */
  readonly packedBias: number;
  /** f32 [slopeSize], or 0: none */
  readonly slope: number;
  /** f32 [channels rounded up to 8] */
  readonly packedSlope: number;
  /** 1 or channels */
  readonly slopeSize: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly filterIn: number;
  readonly filterOut: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly phasesHeight: number;
  readonly phasesWidth: number;
  /** packedSlope = slopeConstant + slopeFactor · slope */
  readonly slopeConstant: number;
  readonly slopeFactor: number;
}

/** `WinogradParams` of kernels/conv2d_winograd_bands.ts. */
export interface WinogradParams {
  /** f32 [batch, inHeight, inWidth, inChannels] */
  readonly x: number;
  /** f32 [36, filterPlane / 4] */
  readonly filter: number;
  /** f32 [outChannels / 8, 3, 3, inChannels, 8] */
  readonly packed: number;
  /** f32 [outChannels] */
  readonly bias: number;
  /** f32 [outChannels], of SLOPE and PRELU */
  readonly slope: number;
  /** f32 [batch, outHeight, outWidth, outChannels]; dy in the gradient */
  readonly y: number;
  /** dFilters: f32 [chunks, 3, 3, inChannels, outChannels] */
  readonly out: number;
  /** threads × scratchBytes */
  readonly scratch: number;
  /** of a thread, whose parts follow */
  readonly scratchBytes: number;
  /** as far into it: as long as a row of x, of y, and of outChannels */
  readonly zeros: number;
  /** f32 [4, outChannels] */
  readonly edge: number;
  /** f32 [6, columns · 4 + 2, inChannels] */
  readonly inRows: number;
  /** f32 [4, 6, columns, outChannels] */
  readonly outRows: number;
  /** f32 [36, inPlane / 4] */
  readonly inputs: number;
  /** f32 [36, outPlane / 4] */
  readonly outputs: number;
  /** f32 [36, filterPlane / 4], of the gradient */
  readonly sums: number;
  /** bytes of f32 [group, bandRows, columns, inChannels] and more */
  readonly inPlane: number;
  /** of f32 [group, bandRows, columns, outChannels] */
  readonly outPlane: number;
  /** of f32 [outChannels / 8, inChannels, 8] */
  readonly filterPlane: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  /** x's row that y's row 0 starts at: −padding */
  readonly top: number;
  readonly left: number;
  /** tiles of a row */
  readonly columns: number;
  readonly bandRows: number;
  /** an image */
  readonly bands: number;
  readonly units: number;
  /** 1 where an image has several bands */
  readonly group: number;
  readonly chunkUnits: number;
  readonly activation: number;
}

/** `WinogradFilterParams` of kernels/conv2d_winograd.ts. */
export interface WinogradFilterParams {
  /** f32 [blocks, 3, 3, inChannels, 8] */
  readonly packed: number;
  /** f32 [36, plane / 4], of which [blocks, inChannels, 8] is used */
  readonly out: number;
  /** bytes */
  readonly plane: number;
  readonly inChannels: number;
}

/** `CopyParams` of kernels/copy.ts. */
export interface CopyParams {
  /** f32 [size] */
  readonly x: number;
  /** f32 [size] */
  readonly out: number;
  readonly size: number;
  readonly chunkSize: number;
}

/** `DepthwiseConv2dParams` of kernels/depthwise_conv2d.ts. */
export interface DepthwiseConv2dParams {
  /** f32 [batch, inHeight, inWidth, channels] */
  readonly x: number;
  /** f32 [filterHeight, filterWidth, channels · multiplier] */
  readonly filter: number;
  /** f32 [channels · multiplier], or 0: none */
  readonly bias: number;
  /** f32 [batch, outHeight, outWidth, channels · multiplier] */
  readonly y: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly multiplier: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** batch · outHeight */
  readonly rows: number;
  readonly chunkRows: number;
  /** of kernels/epilogue.ts, but not SLOPE */
  readonly activation: number;
}

/** `DepthwiseConv2dGradParams` of kernels/depthwise_conv2d_grad.ts. */
export interface DepthwiseConv2dGradParams {
  /** f32 [batch, outHeight, outWidth, channels · multiplier] */
  readonly dy: number;
  /** f32, filter or x */
  readonly other: number;
  /** f32, dx, or dFilter's partials [chunks, …filter's shape] */
  readonly out: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly multiplier: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** batch · inHeight for dx, batch · outHeight for dFilter */
  readonly rows: number;
  readonly chunkRows: number;
}

/** `DropoutParams` of kernels/dropout.ts. */
export interface DropoutParams {
  /** f32 [size] */
  readonly x: number;
  /** f32 [size] */
  readonly out: number;
  readonly size: number;
  readonly chunkSize: number;
  readonly key: number;
  /** of u32: rate · 2³² */
  readonly threshold: number;
  /** 1 / (1 − rate) */
  readonly scale: number;
}

/** `Examples` of kernels/examples.ts. */
export interface Examples {
  /** u8 [all, pixels] */
  readonly images: number;
  /** i32 [all], each in 0 … classes − 1 */
  readonly labels: number;
  /** u32 [count]: indices in their order; 0: as they lie */
  readonly order: number;
  readonly count: number;
  readonly chunkSize: number;
  readonly pixels: number;
  readonly classes: number;
  /** a kernel's own, a thread's part after the other's */
  readonly scratch: number;
  /** of a thread */
  readonly scratchBytes: number;
  /** i32 [chunks]: predictions that were right */
  readonly correct: number;
}

/** `LogisticRegressionEpochParams` of kernels/logistic_regression_epoch.ts. */
export interface LogisticRegressionEpochParams extends Examples {
  /** f64 [chunks]: sums, each loss before its step */
  readonly losses: number;
  /** f32 [rows, inputs] */
  readonly weights: number;
  readonly inputs: number;
  readonly learningRate: number;
}

/** `MaddPeakParams` of kernels/madd_peak.ts. */
export interface MaddPeakParams {
  /** f32 [chunks, 16]: two vectors in, two out */
  readonly values: number;
  /** even */
  readonly iterations: number;
}

/** `MatMulParams` of kernels/mat_mul_params.ts. */
export interface MatMulParams {
  readonly a: number;
  readonly b: number;
  readonly out: number;
  readonly aRow: number;
  readonly aDepth: number;
  readonly bDepth: number;
  readonly bColumn: number;
  readonly outRow: number;
  readonly outColumn: number;
  readonly aBatch: number;
  readonly bBatch: number;
  readonly outBatch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** rows a chunk, a multiple of 6 or all of them */
  readonly rowBlock: number;
  /** columns a chunk, a multiple of 8 or all of them */
  readonly columnBlock: number;
  readonly pieceDepth: number;
  /** depth that is packed at a time; divides pieceDepth */
  readonly depthBlock: number;
  readonly pieceBytes: number;
  /** SOURCE_* */
  readonly aSource: number;
  readonly bSource: number;
  /** where SOURCE_SHARED panels are */
  readonly aPanels: number;
  readonly bPanels: number;
  /** scratchBytes a thread */
  readonly scratch: number;
  readonly scratchBytes: number;
  /** 1: the chunk adds bias and applies the activation itself */
  readonly finish: number;
  /** f32 [biasPeriod]; 0: none */
  readonly bias: number;
  /** 1 or the columns of `out` */
  readonly biasPeriod: number;
  /** mat_mul_finish.ts */
  readonly activation: number;
  /** f32 [slopesPeriod], for PReLU */
  readonly slopes: number;
  /** 1 or the columns of `out` */
  readonly slopesPeriod: number;
  readonly leakyAlpha: number;
}

/** `MlpEpochParams` of kernels/mlp_epoch.ts. */
export interface MlpEpochParams extends Examples {
  /** f64 [chunks]: sums, each loss before its step */
  readonly losses: number;
  /** f32 [hidden, inputs] */
  readonly weights1: number;
  /** f32 [hidden, outputs] */
  readonly weights2: number;
  /** f32 [outputs] */
  readonly biases2: number;
  readonly inputs: number;
  readonly hidden: number;
  /** the classes, padded to a multiple of 4 */
  readonly outputs: number;
  readonly learningRate: number;
}

/** `MulticlassHingeParams` of kernels/multiclass_hinge.ts. */
export interface MulticlassHingeParams {
  /** f32 [rows, classes] */
  readonly logits: number;
  /** i32 [rows], each in 0 … classes − 1 */
  readonly labels: number;
  /** f32 [rows] */
  readonly loss: number;
  /** f32 [rows, classes] */
  readonly dLogits: number;
  readonly rows: number;
  readonly classes: number;
  readonly chunkRows: number;
  readonly largestOnly: number;
  readonly margin: number;
}

/** `PerceptronEpochParams` of kernels/perceptron_epoch.ts. */
export interface PerceptronEpochParams extends Examples {
  /** i16 [classes / 4, inputs / 8, 4, 2, 8], rounded up */
  readonly weights: number;
  /** a multiple of 8 */
  readonly inputs: number;
  readonly learn: number;
}

/** `SlopeParams` of kernels/slope_chunk.ts. */
export interface SlopeParams {
  /** f32 [size] */
  readonly x: number;
  /** f32: α of ReLU_α, the slopes of PReLU */
  readonly slopes: number;
  /** f32 [size], backward only */
  readonly dy: number;
  /** f32 [size]: y forward, dx backward */
  readonly out: number;
  /** f32, backward only: see `sumsOf` */
  readonly sums: number;
  readonly size: number;
  readonly chunkSize: number;
  readonly period: number;
  /** slopes of one period */
  readonly periodSlopes: number;
  /** 1 if all periods have the same ones */
  readonly shared: number;
  /** elements of a row */
  readonly row: number;
  /** 1 if each element of a row has its own slope */
  readonly columns: number;
  readonly rank: number;
  /** of the `rank` dimensions in between, outermost first */
  readonly sizes: readonly number[];
}

/** `ScalePixelsParams` of kernels/scale_pixels.ts. */
export interface ScalePixelsParams {
  /** u8 [size] */
  readonly pixels: number;
  /** f32 [size] */
  readonly out: number;
  readonly size: number;
  readonly chunkSize: number;
  /** 255, as a parameter: V8 rebuilds a constant in each turn */
  readonly divisor: number;
}

/** `SgdParams` of kernels/sgd.ts. */
export interface SgdParams extends ParameterTable {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** `SoftmaxCrossEntropyParams` of kernels/softmax_cross_entropy.ts. */
export interface SoftmaxCrossEntropyParams {
  /** f32 [rows, classes] */
  readonly logits: number;
  /** i32 [rows], each in 0 … classes − 1 */
  readonly labels: number;
  /** f32 [rows] */
  readonly loss: number;
  /** f32 [rows, classes] */
  readonly dLogits: number;
  readonly rows: number;
  readonly classes: number;
  readonly chunkRows: number;
}

/** `SumPartialsParams` of kernels/sum_partials.ts. */
export interface SumPartialsParams {
  /** f32 [rows, columns] */
  readonly partials: number;
  /** f32 [columns] */
  readonly out: number;
  readonly rows: number;
  readonly columns: number;
  readonly chunkSize: number;
}

/** `UnsortedSegmentSumParams` of kernels/unsorted_segment_sum.ts. */
export interface UnsortedSegmentSumParams {
  /** f32 [rows, columns] */
  readonly x: number;
  /** i32 [rows] */
  readonly ids: number;
  /** f32 [segments, columns] */
  readonly out: number;
  readonly rows: number;
  readonly columns: number;
  readonly segments: number;
  readonly chunkSize: number;
}

/** What each kernel reads; a pointer is a byte offset in the heap. */
export interface KernelParams {
  adadeltaF32: AdadeltaParams;
  adamF32: AdamParams;
  avgPoolForwardF32: PoolingParams;
  batchNormMomentsF32: BatchNormParams;
  batchNormGradSumsF32: BatchNormParams;
  batchNormApplyF32: BatchNormParams;
  biasActivationGradF32: BiasActivationGradParams;
  clipByValueF32: ClipByValueParams;
  conv2dF32: Conv2dParams;
  conv2dFilterGradF32: Conv2dFilterGradParams;
  conv2dPackForwardF32: Conv2dPackParams;
  conv2dPackBackwardF32: Conv2dPackParams;
  conv2dWinogradF32: WinogradParams;
  conv2dWinogradFilterF32: WinogradFilterParams;
  conv2dWinogradFilterGradF32: WinogradParams;
  copyF32: CopyParams;
  depthwiseConv2dForwardF32: DepthwiseConv2dParams;
  depthwiseConv2dInputGradF32: DepthwiseConv2dGradParams;
  depthwiseConv2dFilterGradF32: DepthwiseConv2dGradParams;
  dropoutF32: DropoutParams;
  logisticRegressionEpochF32: LogisticRegressionEpochParams;
  maddPeakF32: MaddPeakParams;
  matMulDotsF32: MatMulParams;
  matMulFinishF32: MatMulParams;
  matMulTilesF32: MatMulParams;
  matMulPackF32: MatMulParams;
  maxPoolForwardF32: PoolingParams;
  mlpEpochF32: MlpEpochParams;
  multiclassHingeF32: MulticlassHingeParams;
  perceptronEpochF32: PerceptronEpochParams;
  maxPoolBackwardF32: PoolingParams;
  avgPoolBackwardF32: PoolingParams;
  preluForwardF32: SlopeParams;
  preluBackwardF32: SlopeParams;
  reluAlphaForwardF32: SlopeParams;
  reluAlphaBackwardF32: SlopeParams;
  scalePixelsF32: ScalePixelsParams;
  sgdF32: SgdParams;
  softmaxCrossEntropyF32: SoftmaxCrossEntropyParams;
  sumPartialsF32: SumPartialsParams;
  unsortedSegmentSumF32: UnsortedSegmentSumParams;
}

/** A kernel of kernels/mod.ts; by convention `<op><Pass>F32`. */
export type KernelName = keyof KernelParams;

function writeAdadeltaParams(
  params: AdadeltaParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.starts;
  floats[1] = params.learningRate;
  floats[2] = params.rho;
  floats[3] = params.oneMinusRho;
  floats[4] = params.epsilon;
  floats[5] = params.weightDecay;
}

function writeAdamParams(
  params: AdamParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.starts;
  floats[1] = params.beta1;
  floats[2] = params.oneMinusBeta1;
  floats[3] = params.beta2;
  floats[4] = params.oneMinusBeta2;
  floats[5] = params.stepSize;
  floats[6] = params.vScale;
  floats[7] = params.epsilon;
}

function writePoolingParams(
  params: PoolingParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.y;
  words[2] = params.dx;
  words[3] = params.inHeight;
  words[4] = params.inWidth;
  words[5] = params.outHeight;
  words[6] = params.outWidth;
  words[7] = params.channels;
  words[8] = params.filterHeight;
  words[9] = params.filterWidth;
  words[10] = params.strideHeight;
  words[11] = params.strideWidth;
  words[12] = params.padTop;
  words[13] = params.padLeft;
  words[14] = params.bandRows;
  words[15] = params.bands;
  words[16] = params.units;
  words[17] = params.chunkUnits;
}

function writeBatchNormParams(
  params: BatchNormParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.dy;
  words[2] = params.out;
  words[3] = params.partials;
  words[4] = params.coefficients;
  words[5] = params.size;
  words[6] = params.period;
  words[7] = params.chunkSize;
}

function writeBiasActivationGradParams(
  params: BiasActivationGradParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.reference;
  words[1] = params.dy;
  words[2] = params.dz;
  words[3] = params.partials;
  words[4] = params.size;
  words[5] = params.period;
  words[6] = params.chunkSize;
  floats[7] = params.slope;
}

function writeClipByValueParams(
  params: ClipByValueParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.out;
  words[2] = params.size;
  words[3] = params.chunkSize;
  floats[4] = params.lowest;
  floats[5] = params.highest;
}

function writeConv2dParams(
  params: Conv2dParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.filter;
  words[2] = params.bias;
  words[3] = params.slope;
  words[4] = params.y;
  words[5] = params.scratch;
  words[6] = params.scratchBytes;
  words[7] = params.inHeight;
  words[8] = params.inWidth;
  words[9] = params.inChannels;
  words[10] = params.outHeight;
  words[11] = params.outWidth;
  words[12] = params.outChannels;
  words[13] = params.filterHeight;
  words[14] = params.filterWidth;
  words[15] = params.padTop;
  words[16] = params.padLeft;
  words[17] = params.strideHeight;
  words[18] = params.strideWidth;
  words[19] = params.dilationHeight;
  words[20] = params.dilationWidth;
  words[21] = params.phasesHeight;
  words[22] = params.phasesWidth;
  words[23] = params.windowTop;
  words[24] = params.windowHeight;
  words[25] = params.windowLeft;
  words[26] = params.windowWidth;
  words[27] = params.bandRows;
  words[28] = params.bands;
  words[29] = params.units;
  words[30] = params.chunkUnits;
  words[31] = params.activation;
}

function writeConv2dFilterGradParams(
  params: Conv2dFilterGradParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.dy;
  words[2] = params.out;
  words[3] = params.scratch;
  words[4] = params.scratchBytes;
  words[5] = params.windowBytes;
  words[6] = params.dyBytes;
  words[7] = params.inHeight;
  words[8] = params.inWidth;
  words[9] = params.inChannels;
  words[10] = params.outHeight;
  words[11] = params.outWidth;
  words[12] = params.outChannels;
  words[13] = params.filterHeight;
  words[14] = params.filterWidth;
  words[15] = params.padTop;
  words[16] = params.padLeft;
  words[17] = params.strideHeight;
  words[18] = params.strideWidth;
  words[19] = params.dilationHeight;
  words[20] = params.dilationWidth;
  words[21] = params.bandRows;
  words[22] = params.bands;
  words[23] = params.units;
  words[24] = params.chunkUnits;
}

function writeConv2dPackParams(
  params: Conv2dPackParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.filter;
  words[1] = params.packed;
  words[2] = params.bias;
  words[3] = params.packedBias;
  words[4] = params.slope;
  words[5] = params.packedSlope;
  words[6] = params.slopeSize;
  words[7] = params.filterHeight;
  words[8] = params.filterWidth;
  words[9] = params.filterIn;
  words[10] = params.filterOut;
  words[11] = params.padTop;
  words[12] = params.padLeft;
  words[13] = params.phasesHeight;
  words[14] = params.phasesWidth;
  floats[15] = params.slopeConstant;
  floats[16] = params.slopeFactor;
}

function writeWinogradParams(
  params: WinogradParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.filter;
  words[2] = params.packed;
  words[3] = params.bias;
  words[4] = params.slope;
  words[5] = params.y;
  words[6] = params.out;
  words[7] = params.scratch;
  words[8] = params.scratchBytes;
  words[9] = params.zeros;
  words[10] = params.edge;
  words[11] = params.inRows;
  words[12] = params.outRows;
  words[13] = params.inputs;
  words[14] = params.outputs;
  words[15] = params.sums;
  words[16] = params.inPlane;
  words[17] = params.outPlane;
  words[18] = params.filterPlane;
  words[19] = params.inHeight;
  words[20] = params.inWidth;
  words[21] = params.inChannels;
  words[22] = params.outHeight;
  words[23] = params.outWidth;
  words[24] = params.outChannels;
  words[25] = params.top;
  words[26] = params.left;
  words[27] = params.columns;
  words[28] = params.bandRows;
  words[29] = params.bands;
  words[30] = params.units;
  words[31] = params.group;
  words[32] = params.chunkUnits;
  words[33] = params.activation;
}

function writeWinogradFilterParams(
  params: WinogradFilterParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.packed;
  words[1] = params.out;
  words[2] = params.plane;
  words[3] = params.inChannels;
}

function writeCopyParams(
  params: CopyParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.out;
  words[2] = params.size;
  words[3] = params.chunkSize;
}

function writeDepthwiseConv2dParams(
  params: DepthwiseConv2dParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.filter;
  words[2] = params.bias;
  words[3] = params.y;
  words[4] = params.inHeight;
  words[5] = params.inWidth;
  words[6] = params.channels;
  words[7] = params.multiplier;
  words[8] = params.outHeight;
  words[9] = params.outWidth;
  words[10] = params.filterHeight;
  words[11] = params.filterWidth;
  words[12] = params.strideHeight;
  words[13] = params.strideWidth;
  words[14] = params.dilationHeight;
  words[15] = params.dilationWidth;
  words[16] = params.padTop;
  words[17] = params.padLeft;
  words[18] = params.rows;
  words[19] = params.chunkRows;
  words[20] = params.activation;
}

function writeDepthwiseConv2dGradParams(
  params: DepthwiseConv2dGradParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.dy;
  words[1] = params.other;
  words[2] = params.out;
  words[3] = params.inHeight;
  words[4] = params.inWidth;
  words[5] = params.channels;
  words[6] = params.multiplier;
  words[7] = params.outHeight;
  words[8] = params.outWidth;
  words[9] = params.filterHeight;
  words[10] = params.filterWidth;
  words[11] = params.strideHeight;
  words[12] = params.strideWidth;
  words[13] = params.dilationHeight;
  words[14] = params.dilationWidth;
  words[15] = params.padTop;
  words[16] = params.padLeft;
  words[17] = params.rows;
  words[18] = params.chunkRows;
}

function writeDropoutParams(
  params: DropoutParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.out;
  words[2] = params.size;
  words[3] = params.chunkSize;
  words[4] = params.key;
  words[5] = params.threshold;
  floats[6] = params.scale;
}

function writeLogisticRegressionEpochParams(
  params: LogisticRegressionEpochParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.images;
  words[1] = params.labels;
  words[2] = params.order;
  words[3] = params.count;
  words[4] = params.chunkSize;
  words[5] = params.pixels;
  words[6] = params.classes;
  words[7] = params.scratch;
  words[8] = params.scratchBytes;
  words[9] = params.correct;
  words[10] = params.losses;
  words[11] = params.weights;
  words[12] = params.inputs;
  floats[13] = params.learningRate;
}

function writeMaddPeakParams(
  params: MaddPeakParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.values;
  words[1] = params.iterations;
}

function writeMatMulParams(
  params: MatMulParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.a;
  words[1] = params.b;
  words[2] = params.out;
  words[3] = params.aRow;
  words[4] = params.aDepth;
  words[5] = params.bDepth;
  words[6] = params.bColumn;
  words[7] = params.outRow;
  words[8] = params.outColumn;
  words[9] = params.aBatch;
  words[10] = params.bBatch;
  words[11] = params.outBatch;
  words[12] = params.rows;
  words[13] = params.columns;
  words[14] = params.depth;
  words[15] = params.rowBlock;
  words[16] = params.columnBlock;
  words[17] = params.pieceDepth;
  words[18] = params.depthBlock;
  words[19] = params.pieceBytes;
  words[20] = params.aSource;
  words[21] = params.bSource;
  words[22] = params.aPanels;
  words[23] = params.bPanels;
  words[24] = params.scratch;
  words[25] = params.scratchBytes;
  words[26] = params.finish;
  words[27] = params.bias;
  words[28] = params.biasPeriod;
  words[29] = params.activation;
  words[30] = params.slopes;
  words[31] = params.slopesPeriod;
  floats[32] = params.leakyAlpha;
}

function writeMlpEpochParams(
  params: MlpEpochParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.images;
  words[1] = params.labels;
  words[2] = params.order;
  words[3] = params.count;
  words[4] = params.chunkSize;
  words[5] = params.pixels;
  words[6] = params.classes;
  words[7] = params.scratch;
  words[8] = params.scratchBytes;
  words[9] = params.correct;
  words[10] = params.losses;
  words[11] = params.weights1;
  words[12] = params.weights2;
  words[13] = params.biases2;
  words[14] = params.inputs;
  words[15] = params.hidden;
  words[16] = params.outputs;
  floats[17] = params.learningRate;
}

function writeMulticlassHingeParams(
  params: MulticlassHingeParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.logits;
  words[1] = params.labels;
  words[2] = params.loss;
  words[3] = params.dLogits;
  words[4] = params.rows;
  words[5] = params.classes;
  words[6] = params.chunkRows;
  words[7] = params.largestOnly;
  floats[8] = params.margin;
}

function writePerceptronEpochParams(
  params: PerceptronEpochParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.images;
  words[1] = params.labels;
  words[2] = params.order;
  words[3] = params.count;
  words[4] = params.chunkSize;
  words[5] = params.pixels;
  words[6] = params.classes;
  words[7] = params.scratch;
  words[8] = params.scratchBytes;
  words[9] = params.correct;
  words[10] = params.weights;
  words[11] = params.inputs;
  words[12] = params.learn;
}

function writeSlopeParams(
  params: SlopeParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.slopes;
  words[2] = params.dy;
  words[3] = params.out;
  words[4] = params.sums;
  words[5] = params.size;
  words[6] = params.chunkSize;
  words[7] = params.period;
  words[8] = params.periodSlopes;
  words[9] = params.shared;
  words[10] = params.row;
  words[11] = params.columns;
  words[12] = params.rank;
  params.sizes.forEach((value, i) => words[13 + i] = value);
}

function writeScalePixelsParams(
  params: ScalePixelsParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.pixels;
  words[1] = params.out;
  words[2] = params.size;
  words[3] = params.chunkSize;
  floats[4] = params.divisor;
}

function writeSgdParams(
  params: SgdParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.starts;
  floats[1] = params.learningRate;
  floats[2] = params.momentum;
  floats[3] = params.weightDecay;
}

function writeSoftmaxCrossEntropyParams(
  params: SoftmaxCrossEntropyParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.logits;
  words[1] = params.labels;
  words[2] = params.loss;
  words[3] = params.dLogits;
  words[4] = params.rows;
  words[5] = params.classes;
  words[6] = params.chunkRows;
}

function writeSumPartialsParams(
  params: SumPartialsParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.partials;
  words[1] = params.out;
  words[2] = params.rows;
  words[3] = params.columns;
  words[4] = params.chunkSize;
}

function writeUnsortedSegmentSumParams(
  params: UnsortedSegmentSumParams,
  words: Int32Array,
  _floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.ids;
  words[2] = params.out;
  words[3] = params.rows;
  words[4] = params.columns;
  words[5] = params.segments;
  words[6] = params.chunkSize;
}

/** Puts a kernel's parameters where it reads them. */
export const WRITE_PARAMS: {
  readonly [Name in KernelName]: (
    params: KernelParams[Name],
    words: Int32Array,
    floats: Float32Array,
  ) => void;
} = {
  adadeltaF32: writeAdadeltaParams,
  adamF32: writeAdamParams,
  avgPoolForwardF32: writePoolingParams,
  batchNormMomentsF32: writeBatchNormParams,
  batchNormGradSumsF32: writeBatchNormParams,
  batchNormApplyF32: writeBatchNormParams,
  biasActivationGradF32: writeBiasActivationGradParams,
  clipByValueF32: writeClipByValueParams,
  conv2dF32: writeConv2dParams,
  conv2dFilterGradF32: writeConv2dFilterGradParams,
  conv2dPackForwardF32: writeConv2dPackParams,
  conv2dPackBackwardF32: writeConv2dPackParams,
  conv2dWinogradF32: writeWinogradParams,
  conv2dWinogradFilterF32: writeWinogradFilterParams,
  conv2dWinogradFilterGradF32: writeWinogradParams,
  copyF32: writeCopyParams,
  depthwiseConv2dForwardF32: writeDepthwiseConv2dParams,
  depthwiseConv2dInputGradF32: writeDepthwiseConv2dGradParams,
  depthwiseConv2dFilterGradF32: writeDepthwiseConv2dGradParams,
  dropoutF32: writeDropoutParams,
  logisticRegressionEpochF32: writeLogisticRegressionEpochParams,
  maddPeakF32: writeMaddPeakParams,
  matMulDotsF32: writeMatMulParams,
  matMulFinishF32: writeMatMulParams,
  matMulTilesF32: writeMatMulParams,
  matMulPackF32: writeMatMulParams,
  maxPoolForwardF32: writePoolingParams,
  mlpEpochF32: writeMlpEpochParams,
  multiclassHingeF32: writeMulticlassHingeParams,
  perceptronEpochF32: writePerceptronEpochParams,
  maxPoolBackwardF32: writePoolingParams,
  avgPoolBackwardF32: writePoolingParams,
  preluForwardF32: writeSlopeParams,
  preluBackwardF32: writeSlopeParams,
  reluAlphaForwardF32: writeSlopeParams,
  reluAlphaBackwardF32: writeSlopeParams,
  scalePixelsF32: writeScalePixelsParams,
  sgdF32: writeSgdParams,
  softmaxCrossEntropyF32: writeSoftmaxCrossEntropyParams,
  sumPartialsF32: writeSumPartialsParams,
  unsortedSegmentSumF32: writeUnsortedSegmentSumParams,
};
