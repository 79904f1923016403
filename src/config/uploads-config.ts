/** What workers get of forms (`application/x-www-form-urlencoded` and `multipart/form-data`). Sizes are bytes. */
export interface UploadsConfig {
  /** Whether workers get them parsed, as far as they can, where a route does not say otherwise. */
  readonly isEnabled: boolean;
  readonly limits: UploadLimitsConfig;
}

/** What one form may have; a larger one is answered 413. */
export interface UploadLimitsConfig {
  /** Fields without a file. */
  readonly fieldCountMax: number;
  readonly fileCountMax: number;
  /** Of the name of a field, and of a file. */
  readonly nameBytesMax: number;
  /** The header of one part. */
  readonly partHeaderBytesMax: number;
  readonly fieldBytesMax: number;
  /** Names and values of all fields together. */
  readonly fieldsBytesMax: number;
  readonly fileBytesMax: number;
}
