// A frame: one piece of a snapshot as it is written to a disk.

/** One piece of a snapshot: JSON text, or columns as bytes. Those of one name make one whole. */
export interface Frame {
  name: string;
  data: string | Uint8Array;
}
