import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  type DataId,
  getKernelsForBackend,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import type { TfjsModule } from "./_module_guard.ts";

/** TF.js's backend, with nothing left behind by a call that fails. */
export class GuardedBackend extends BackendWasm {
  /** What the kernels that run have made. */
  #made: DataId[] = [];
  /** Kernels that run one inside of the other. */
  #depth = 0;
  #endThreads: () => void;

  /** @param endThreads what ends the module's threads */
  constructor(module: TfjsModule, endThreads: () => void) {
    super(module as never);
    this.#endThreads = endThreads;
  }

  /**
   * Ends the threads. TF.js would also empty the heap, which goes with it, and
   * wait for its threads, which one that has failed never ends.
   */
  override dispose() {
    this.#endThreads();
  }

  override move(...args: Parameters<BackendWasm["move"]>) {
    try {
      super.move(...args);
    } catch (error) {
      this.disposeData(args[0], true);
      throw error;
    }
  }

  override makeOutput(
    ...[shape, dtype, pointer, values]: Parameters<BackendWasm["makeOutput"]>
  ) {
    // C++ gives a pointer beyond 2 GiB as a negative number.
    const at = pointer === undefined ? pointer : pointer >>> 0;
    const output = super.makeOutput(shape, dtype, at, values);
    if (this.#depth > 0) this.#made.push(output.dataId);
    return output;
  }

  /**
   * Makes all registered kernels give up what they have made when they fail,
   * an output and the temporary tensors before it.
   *
   * @returns a function that puts the kernels back as they were
   */
  guardKernels(): () => void {
    const kernels = getKernelsForBackend("wasm");
    for (const kernel of kernels) {
      const kernelFunc: KernelConfig["kernelFunc"] = (args) =>
        this.#run(() => kernel.kernelFunc(args));
      replace({ ...kernel, kernelFunc });
    }
    return () => kernels.forEach(replace);
  }

  #run<T>(kernel: () => T): T {
    const first = this.#made.length;
    this.#depth++;
    try {
      return kernel();
    } catch (error) {
      for (const id of this.#made.splice(first)) this.disposeData(id, true);
      throw error;
    } finally {
      if (--this.#depth === 0) this.#made.length = 0;
    }
  }
}

function replace(kernel: KernelConfig) {
  unregisterKernel(kernel.kernelName, kernel.backendName);
  registerKernel(kernel);
}
