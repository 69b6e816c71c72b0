/**
 * Whether tiles may take all registers as if they had 256 bits, in pairs of
 * vectors that V8 packs: the compiler's `--use` gives it, a build its own.
 */
declare const WIDE: bool;
