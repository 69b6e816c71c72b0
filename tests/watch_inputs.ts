import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** What tells whether inputs are as they were given. */
export interface WatchedInputs {
  /** Forgets all inputs so far. */
  forget(): void;
  /** Throws if an input that is still there has other bits than it had. */
  assertUnchanged(): void;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Keeps the values of all tensors that are made of values from now on, until
 * the backend stops: inputs, which no op may change.
 */
export function watchInputs(): WatchedInputs {
  const backend = tf.backend() as BackendWasm;
  const inputs = new Map<object, Uint8Array>();
  const write = backend.write.bind(backend);
  backend.write = (values, shape, dtype) => {
    const id = write(values, shape, dtype);
    if (ArrayBuffer.isView(values)) inputs.set(id, bytesOf(values).slice());
    return id;
  };
  return {
    forget: () => inputs.clear(),
    assertUnchanged() {
      for (const [id, given] of inputs) {
        if (!backend.dataIdMap.has(id)) continue;
        const values = backend.readSync(id) as Float32Array;
        const now = bytesOf(values);
        const at = given.findIndex((byte, i) => byte !== now[i]);
        assert.equal(at, -1, `an input is changed, at byte ${at}`);
      }
    },
  };
}
