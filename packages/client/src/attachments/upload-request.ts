/** What can be uploaded. A stream is read once, to its end. */
export type AttachmentFile = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** How far an upload has come. */
export interface UploadProgress {
  /** Bytes handed to the network. */
  readonly sentBytes: number;
  /** Absent for a stream, which doesn't say how long it is. */
  readonly totalBytes?: number;
}

/** An upload as it is sent. */
export interface UploadRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly file: AttachmentFile;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, whatever it says. */
export interface UploadAnswer {
  readonly status: number;
  readonly text: string;
}
