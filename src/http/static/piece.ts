/** A part of an answer's content: bytes in memory, or (`bytes` null) offsets into the file that is being sent. */
export interface Piece {
  readonly bytes: Buffer | null;
  readonly start: number;
  readonly end: number;
}

/** What all of them come to. */
export function byteLengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { start, end }) => sum + end - start, 0);
}
