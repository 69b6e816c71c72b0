import * as tf from "@tensorflow/tfjs";
import { type Backend, startBackend } from "../lib/backend/start_backend.ts";

type Options = Parameters<typeof startBackend>[0];

/** Runs a test's body on a backend of its own and stops it afterwards. */
export async function withBackend<T>(
  options: Options,
  body: (backend: Backend) => T | Promise<T>,
): Promise<T> {
  const backend = await startBackend(options);
  try {
    return await body(backend);
  } finally {
    backend.stop();
  }
}

/** As `withBackend`, and disposes of all variables of the body. */
export function withVariables<T>(
  options: Options,
  body: (backend: Backend) => T | Promise<T>,
): Promise<T> {
  return withBackend(options, async (backend) => {
    try {
      return await body(backend);
    } finally {
      tf.disposeVariables();
    }
  });
}
