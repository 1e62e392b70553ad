/** Which generation is the state, and how far it has come. */
export interface StatePosition {
  readonly generation: number;
  /** Offset of the last entry that is in it. */
  readonly position: number;
}

/** Whether one moment of the state comes after another. */
export function isAfter(a: StatePosition, b: StatePosition): boolean {
  return a.generation === b.generation ? a.position > b.position : a.generation > b.generation;
}
