import { engine } from "@tensorflow/tfjs";

/**
 * Makes TF.js give up what it has saved for the gradients of a function where
 * they fail, forward or backward. It would keep that for good, a net's
 * activations among it, and the function's value where no `tidy` is around it.
 *
 * @returns a function that puts TF.js's own way back
 */
export function guardGradients(): () => void {
  const guarded = engine();
  const { gradients } = guarded;
  guarded.gradients = ((...args: Parameters<typeof gradients>) => {
    const { state } = guarded;
    try {
      return guarded.tidy(() => gradients.apply(guarded, args));
    } catch (error) {
      // Inside of another function's gradients the tape is the other one's.
      if (state.gradientDepth === 0) {
        for (const { saved } of state.activeTape ?? []) {
          for (const tensor of saved ?? []) tensor.dispose();
        }
        state.activeTape = null!;
      }
      throw error;
    }
  }) as typeof gradients;
  return () => guarded.gradients = gradients;
}
