import {
  AnywireError,
  ERRORS,
  type ErrorCode,
  type HandsetDraftRequest,
  type HandsetEvent,
  type HandsetFaultRequest,
  type HandsetMessages,
  type HandsetNetworks,
  type HandsetPersons,
} from "@anywire/types";

/** What the persons at the other end see and do. Every rejection is an `AnywireError`: the server's, or `unavailable`. */
export interface HandsetApi {
  /** @throws {AnywireError} `not_found`, `permission_denied` where this server has no simulated networks */
  networks(): Promise<HandsetNetworks>;
  persons(network: string): Promise<HandsetPersons>;
  messages(network: string, person: string): Promise<HandsetMessages>;
  write(network: string, draft: HandsetDraftRequest): Promise<unknown>;
  read(network: string, person: string): Promise<unknown>;
  typing(network: string, person: string): Promise<unknown>;
  react(network: string, person: string, message: string, emoji: string | null): Promise<unknown>;
  changeIdentity(network: string, person: string, to: string): Promise<unknown>;
  inject(network: string, fault: HandsetFaultRequest): Promise<unknown>;
  /** Hears of changes until the function that it returns is called. */
  listen(listener: HandsetListener): () => void;
}

/** Who hears of changes. */
export interface HandsetListener {
  /** Now changes are heard; what was before may have been missed. */
  onOpen(): void;
  onEvent(event: HandsetEvent): void;
  /** Nothing is heard for now. */
  onLost(): void;
}

/** How long to wait before listening again after the server refused, ms. */
const AGAIN_AFTER_MS = 3000;

/** Simulated networks of the server at this URL; its path is kept as a prefix. */
export function createHandsetApi(url: string): HandsetApi {
  const at = (path: string): URL => new URL(`dev/handset/${path}`, url);
  const get = <T>(path: string): Promise<T> => call(at(path));
  const post = (path: string, body: object): Promise<unknown> =>
    call(at(path), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return {
    networks: () => get("networks"),
    persons: (network) => get(`${network}/persons`),
    messages: (network, person) => get(`${network}/messages?${new URLSearchParams({ person })}`),
    write: (network, draft) => post(`${network}/messages`, draft),
    read: (network, person) => post(`${network}/read`, { person }),
    typing: (network, person) => post(`${network}/typing`, { person }),
    react: (network, person, message, emoji) =>
      post(`${network}/react`, { person, message, emoji }),
    changeIdentity: (network, person, to) => post(`${network}/identity`, { person, to }),
    inject: (network, fault) => post(`${network}/faults`, fault),
    listen: (listener) => listen(at("events"), listener),
  };
}

function listen(url: URL, { onOpen, onEvent, onLost }: HandsetListener): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    source = new EventSource(url);
    source.onopen = onOpen;
    source.onmessage = ({ data }: MessageEvent<string>) => onEvent(JSON.parse(data));
    source.onerror = () => {
      onLost();
      // A stream that broke comes back by itself; one that was refused does not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(begin, AGAIN_AFTER_MS);
    };
  };
  begin();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

async function call<T>(url: URL, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (thrown) {
    throw new AnywireError("unavailable", "the server does not answer", { cause: thrown });
  }
  if (!response.ok) throw await toError(response);
  return await response.json();
}

async function toError(response: Response): Promise<AnywireError> {
  const { code, detail }: { code?: string; detail?: string } = await response
    .json()
    .catch(() => ({}));
  const known =
    code !== undefined && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "internal";
  return new AnywireError(known, detail ?? `the server answered with status ${response.status}`);
}
