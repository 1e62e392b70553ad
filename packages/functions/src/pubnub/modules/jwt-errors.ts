/** A token that is none, or not what it should be. */
export class JsonWebTokenError extends Error {
  override readonly name: string = "JsonWebTokenError";
}

/** A token whose time is over. */
export class TokenExpiredError extends JsonWebTokenError {
  override readonly name = "TokenExpiredError";
  readonly expiredAt: Date;

  constructor(expiredAt: Date) {
    super("jwt expired");
    this.expiredAt = expiredAt;
  }
}

/** A token whose time has not come. */
export class NotBeforeError extends JsonWebTokenError {
  override readonly name = "NotBeforeError";
  readonly date: Date;

  constructor(date: Date) {
    super("jwt not active");
    this.date = date;
  }
}
