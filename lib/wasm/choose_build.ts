import {
  type CompiledKernels,
  compileKernels,
  detectSimdLevel,
  instantiateKernels,
  type KernelExports,
  type SimdLevel,
} from "./kernel_module.ts";
import {
  F32,
  type KernelName,
  type KernelParams,
  LINEAR,
  PRELU,
  SOURCE_PRIVATE,
  WRITE_PARAMS,
} from "./kernel_params.ts";

/** A build of the kernels, and what a run's record says of it. */
export interface ChosenBuild extends CompiledKernels {
  readonly simd: SimdLevel;
}

/**
 * Compiles the kernels' build for this host: `wide` where relaxed SIMD is,
 * where V8 packs pairs of its vectors into registers of 256 bits, which is seen
 * by its speed, and where its kernels give the bits of `relaxed` on a small
 * problem; else the best of the others. It takes some milliseconds. A wrong
 * choice costs time and changes no result.
 *
 * @param simd the build, where it is not to be chosen
 * @returns the build; the digest of `wide` is that of `relaxed`, whose results
 * it has, so that a run that one of them began is resumed by the other
 * @throws {Error} if the host has no SIMD, or a build is not there
 */
export async function chooseBuild(simd?: SimdLevel): Promise<ChosenBuild> {
  const best = detectSimdLevel();
  const level = simd ?? best;
  // V8 packs for x86-64 alone; 24 sums in other processors' registers are fast.
  const packs = level === "relaxed" && Deno.build.arch === "x86_64";
  if (level !== "wide" && (simd || !packs)) {
    return { ...await compileKernels(level), simd: level };
  }
  const [relaxed, wide] = await Promise.all([
    compileKernels("relaxed"),
    compileKernels("wide"),
  ]);
  if (simd === "wide" || provesWide(relaxed.module, wide.module)) {
    return { module: wide.module, digest: relaxed.digest, simd: "wide" };
  }
  return { ...relaxed, simd: "relaxed" };
}

/** A call of a kernel on one chunk. */
type Trial = {
  [Name in KernelName]: {
    readonly kernel: Name;
    readonly params: KernelParams[Name];
  };
}[KernelName];

/**
 * Byte offsets: the parameters lie at 0, then what a trial reads, one operand
 * and another, its results, and its scratch.
 */
const X = 4_096, W = 32_768, OUT = 65_536, SCRATCH = 98_304, END = 196_608;

/** Floats of the largest results: those of the filter's gradient. */
const OUT_SIZE = 3 * 3 * 8 * 24;

/**
 * V8 compiles a function in haste, and for good in the background while it is
 * called: the peak's kernel within some 4 ms, the others within 10. A machine
 * that has much else to do takes longer.
 */
const MIN_MS = 10, MAX_MS = 250;

/** At most so much of a call's time in haste is one's for good. */
const FOR_GOOD = 0.5;

/** Calls from then on, of which the best counts. */
const CALLS = 20;

/**
 * The peak's time, wide by relaxed, where pairs are packed: 0.77 was measured,
 * and 2 where the wide one spills instead. Below a half they are not alike.
 */
const PACKED = { min: 0.5, max: 0.9 };

const PEAK = {
  kernel: "maddPeakF32",
  params: { values: OUT, iterations: 20_000 },
} as const;

/** What a convolution of one image and its filter's gradient share. */
const CONVOLUTION = {
  x: X,
  scratch: 0, // all windows stay inside of the image
  scratchBytes: 0,
  inHeight: 5,
  inWidth: 25,
  inChannels: 8,
  outHeight: 3,
  outWidth: 23,
  outChannels: 24,
  filterHeight: 3,
  filterWidth: 3,
  padTop: 0,
  padLeft: 0,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  bandRows: 3,
  bands: 1,
  units: 1,
  chunkUnits: 1,
};

/** What Winograd's convolution and its filter's gradient share: 2 × 3 tiles. */
const WINOGRAD = {
  x: X,
  filter: W,
  packed: W,
  bias: W,
  slope: W,
  scratch: SCRATCH,
  scratchBytes: END - SCRATCH,
  // In the scratch, each part behind the one before.
  zeros: 64,
  edge: 1_152,
  inRows: 1_536,
  outRows: 4_224,
  inputs: 11_136,
  outputs: 20_352,
  sums: 43_392,
  inPlane: 256,
  outPlane: 640,
  filterPlane: 768,
  inHeight: 8,
  inWidth: 13,
  inChannels: 8,
  outHeight: 6,
  outWidth: 11,
  outChannels: 24,
  top: 0,
  left: 0,
  columns: 3,
  bandRows: 2,
  bands: 1,
  units: 1,
  group: 1,
  chunkUnits: 1,
};

/**
 * The kernels whose inner loops are others in the wide build, on sizes that
 * are whole tiles and what is left: 24 columns or channels, 13 rows and 6 or 23
 * pixels.
 */
const TRIALS: readonly Trial[] = [
  {
    kernel: "matMulTilesF32",
    params: {
      a: X,
      b: W,
      out: OUT,
      aRow: 64 * F32,
      aDepth: F32,
      bDepth: 24 * F32,
      bColumn: F32,
      outRow: 24 * F32,
      outColumn: F32,
      aBatch: 0,
      bBatch: 0,
      outBatch: 0,
      rows: 13,
      columns: 24,
      depth: 64,
      rowBlock: 18,
      columnBlock: 24,
      pieceDepth: 64,
      depthBlock: 64,
      pieceBytes: 0,
      aSource: SOURCE_PRIVATE,
      bSource: SOURCE_PRIVATE,
      aPanels: 0,
      bPanels: 0,
      scratch: SCRATCH,
      scratchBytes: END - SCRATCH,
      finish: 0,
      bias: 0,
      biasPeriod: 1,
      activation: LINEAR,
      slopes: 0,
      slopesPeriod: 1,
      leakyAlpha: 0,
    },
  },
  {
    kernel: "conv2dF32",
    params: {
      ...CONVOLUTION,
      filter: W,
      bias: W,
      slope: W,
      y: OUT,
      phasesHeight: 1,
      phasesWidth: 1,
      windowTop: 0,
      windowHeight: 3,
      windowLeft: 0,
      windowWidth: 3,
      activation: PRELU,
    },
  },
  {
    kernel: "conv2dFilterGradF32",
    params: { ...CONVOLUTION, dy: W, out: OUT, windowBytes: 0, dyBytes: 0 },
  },
  {
    kernel: "conv2dWinogradF32",
    params: { ...WINOGRAD, y: OUT, out: 0, activation: PRELU },
  },
  {
    kernel: "conv2dWinogradFilterGradF32",
    params: { ...WINOGRAD, y: W, out: OUT, activation: LINEAR },
  },
];

/** Whether `wide` is the faster one and gives the bits of `relaxed`. */
function provesWide(
  relaxed: WebAssembly.Module,
  wide: WebAssembly.Module,
): boolean {
  const memory = new WebAssembly.Memory({
    initial: END / 65_536,
    maximum: 65_536,
    shared: true,
  });
  const words = new Int32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  // Of both signs and of all bits that a float32 has.
  for (let i = X / F32; i < SCRATCH / F32; i++) floats[i] = Math.sin(i * i);
  const call = (exports: KernelExports, { kernel, params }: Trial) => {
    WRITE_PARAMS[kernel](params as never, words, floats);
    const start = performance.now();
    exports[kernel](0, 0, 0);
    return performance.now() - start;
  };
  const results = (exports: KernelExports) =>
    TRIALS.map((trial) => {
      words.fill(0, OUT / 4, OUT / 4 + OUT_SIZE);
      call(exports, trial);
      return words.slice(OUT / 4, OUT / 4 + OUT_SIZE);
    });
  const narrow = instantiateKernels(relaxed, memory);
  const broad = instantiateKernels(wide, memory);
  const expected = results(narrow);
  const start = performance.now();
  // In haste; the first call of all would count the compilation too.
  const inHaste = [narrow, broad].map((
    one,
  ) => (call(one, PEAK), call(one, PEAK)));
  const best = [Infinity, Infinity];
  let calls = 0;
  while (true) {
    const found = results(broad);
    if (
      found.some((one, i) => one.some((word, j) => word !== expected[i]![j]))
    ) {
      return false;
    }
    [narrow, broad].forEach((one, i) =>
      best[i] = Math.min(best[i]!, call(one, PEAK))
    );
    const ms = performance.now() - start;
    if (best.every((ms, i) => ms < FOR_GOOD * inHaste[i]!)) calls++;
    if (ms > MIN_MS && calls > CALLS || ms > MAX_MS) {
      const ratio = best[1]! / best[0]!;
      return calls > 0 && ratio > PACKED.min && ratio < PACKED.max;
    }
  }
}
