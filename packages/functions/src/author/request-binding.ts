/** The methods that an HTTP function can be bound to. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const MAX_PATH_LENGTH = 256;
const LITERAL = /^[A-Za-z0-9._~-]+$/;
const PARAM = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/** What an HTTP function is bound to. */
export interface RequestBinding {
  /** Undefined for any. */
  readonly method: string | undefined;
  /** Such as `/tickets/:id`, below `/functions`. */
  readonly path: string;
}

/** The names of a path: `"id"` for `POST /tickets/:id`, and `"*"` where it ends in one; any for a text that is not known. */
export type ParamsOf<B extends string> = string extends B
  ? string
  : B extends `${string}/:${infer Rest}`
    ? Rest extends `${infer Name}/${infer More}`
      ? Name | ParamsOf<`/${More}`>
      : Rest
    : B extends `${string}/*`
      ? "*"
      : never;

/**
 * Takes apart what an HTTP function is bound to: `POST /tickets/:id`; `* /files/*` or `/files/*` for any method. Undefined
 * when it is none.
 */
export function parseRequestBinding(text: string): RequestBinding | undefined {
  const [, method = "*", path = ""] = /^(?:(\S+) +)?(\/\S*)$/.exec(text.trim()) ?? [];
  const upper = method.toUpperCase();
  if (upper !== "*" && !METHODS.includes(upper)) return undefined;
  if (!isRequestPath(path)) return undefined;
  return { method: upper === "*" ? undefined : upper, path };
}

/** As `FunctionDescription.binding` has it. */
export function formatRequestBinding({ method = "*", path }: RequestBinding): string {
  return `${method} ${path}`;
}

function isRequestPath(path: string): boolean {
  if (path === "/") return true;
  if (!path.startsWith("/") || path.length > MAX_PATH_LENGTH) return false;
  const segments = path.slice(1).split("/");
  const names = segments.filter((segment) => segment.startsWith(":"));
  if (new Set(names).size < names.length) return false;
  return segments.every((segment, i) => {
    if (segment === "*") return i === segments.length - 1;
    // A URL never has them: whoever parses it takes them away.
    if (segment === "." || segment === "..") return false;
    return LITERAL.test(segment) || PARAM.test(segment);
  });
}

/**
 * What stands in a path where a valid bound one has `:name`, decoded, and `*` the rest as it came; undefined when they do not
 * match. A name stands for one segment that is not empty, a final `*` for any number of them.
 */
export function matchRequestPath(
  bound: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const want = bound.slice(1).split("/");
  const have = path.slice(1).split("/");
  const hasRest = want.at(-1) === "*";
  if (hasRest ? have.length < want.length : have.length !== want.length) return undefined;
  const params: [name: string, value: string][] = [];
  for (const [i, token] of want.entries()) {
    const segment = have[i] ?? "";
    if (token === "*") params.push(["*", have.slice(i).join("/")]);
    else if (token.startsWith(":")) {
      if (segment === "") return undefined;
      params.push([token.slice(1), decode(segment)]);
    } else if (token !== segment) return undefined;
  }
  return Object.fromEntries(params);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoded text: as it came.
    return segment;
  }
}
