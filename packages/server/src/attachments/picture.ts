/** A small picture of an image. */
export interface Thumbnail {
  readonly mimeType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is known of an image. */
export interface Picture {
  /** As it is shown, pixels. */
  readonly widthPx: number;
  /** As it is shown, pixels. */
  readonly heightPx: number;
  /** Absent when none could be made. */
  readonly thumbnail?: Thumbnail;
}

/** What the thread that looks at images is asked. */
export interface PictureRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What it answers, once for each request, in their order. */
export interface PictureReply {
  /** Absent when the bytes are no image that it knows. */
  readonly picture?: Picture;
}
