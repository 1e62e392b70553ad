import { matchRequestPath, parseRequestBinding } from "../../author/request-binding.ts";
import type { BoundFunction, BoundFunctions } from "./function-table.ts";

/** A function that answers a request, and what its path says. */
export interface RouteMatch {
  readonly bound: BoundFunction;
  readonly params: Readonly<Record<string, string>>;
}

interface Route {
  readonly bound: BoundFunction;
  /** Undefined for any. */
  readonly method: string | undefined;
  readonly path: string;
}

/**
 * Which HTTP function answers a request. Of several the most specific: segment by segment a text goes before a `:name`, and that
 * before the rest, `*`; then a method before any, and HEAD before GET; then the one whose name comes first.
 */
export class RequestRoutes {
  /** In that order, by the first segment; those that begin with a name or the rest under `null`. */
  readonly #routes = new Map<string | null, Route[]>();

  constructor(functions: BoundFunctions) {
    const routes = functions.flatMap(toRoute).sort(compareRoutes);
    for (const route of routes) {
      const first = firstSegment(route.path);
      const key = rankOf(first) === 0 ? first : null;
      const those = this.#routes.get(key) ?? [];
      those.push(route);
      this.#routes.set(key, those);
    }
  }

  /** The function for a request; the methods that the path is there for when only that is wrong; undefined when nothing is there. */
  find(
    method: string,
    path: string,
  ): RouteMatch | { readonly methods: readonly string[] } | undefined {
    const methods = new Set<string>();
    // Whoever asks for the head of an answer is answered as if for all of it.
    const asked = method === "HEAD" ? ["HEAD", "GET"] : [method];
    for (const key of [firstSegment(path), null]) {
      for (const { bound, method: own, path: pattern } of this.#routes.get(key) ?? []) {
        const params = matchRequestPath(pattern, path);
        if (params === undefined) continue;
        if (own === undefined || asked.includes(own)) return { bound, params };
        methods.add(own);
      }
    }
    return methods.size === 0 ? undefined : { methods: [...methods] };
  }
}

function toRoute(bound: BoundFunction): Route[] {
  const { trigger, binding } = bound.description;
  const parsed = trigger === "onRequest" ? parseRequestBinding(binding) : undefined;
  return parsed === undefined || bound.isDisabled ? [] : [{ bound, ...parsed }];
}

function compareRoutes(one: Route, other: Route): number {
  const segments = segmentsOf(one.path);
  const others = segmentsOf(other.path);
  for (let i = 0; i < Math.min(segments.length, others.length); i += 1) {
    const difference = rankOf(segments[i] ?? "") - rankOf(others[i] ?? "");
    if (difference !== 0) return difference;
  }
  const anyMethod = Number(one.method === undefined) - Number(other.method === undefined);
  if (anyMethod !== 0) return anyMethod;
  const head = Number(other.method === "HEAD") - Number(one.method === "HEAD");
  if (head !== 0) return head;
  return one.bound.description.name < other.bound.description.name ? -1 : 1;
}

function rankOf(segment: string): number {
  if (segment === "*") return 2;
  return segment.startsWith(":") ? 1 : 0;
}

function firstSegment(path: string): string {
  return segmentsOf(path)[0] ?? "";
}

function segmentsOf(path: string): string[] {
  return path.slice(1).split("/");
}
