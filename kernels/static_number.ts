/** Numbers that a generic function knows when compiled: `offsetof<Three>()`. */
@unmanaged
export class One {
  a: u8;
}

@unmanaged
export class Two {
  a: u16;
}

@unmanaged
export class Three {
  a: u16;
  b: u8;
}

@unmanaged
export class Four {
  a: u32;
}

@unmanaged
export class Five {
  a: u32;
  b: u8;
}

@unmanaged
export class Six {
  a: u32;
  b: u16;
}
