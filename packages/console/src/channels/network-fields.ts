import { networkName } from "../networks/network-names.ts";

/** What one writes to reach somebody over a network. */
export interface NetworkField {
  /** The type of the channel. */
  readonly type: string;
  /** What people call the network. */
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** The kind of address that it is, unless what is written says another. */
  readonly kind: string;
  /** Whether what is written has a subject. */
  readonly hasSubject?: boolean;
}

/** What is known of a network's connector. */
interface KnownConnector {
  readonly network: string;
  readonly displayName: string;
  readonly addressKinds: readonly string[];
}

const PHONE = { label: "Phone number", hint: "+447700900123", kind: "phone" } as const;

const WELL_KNOWN: readonly Omit<NetworkField, "name">[] = [
  { type: "sms", ...PHONE },
  { type: "whatsapp", ...PHONE },
  {
    type: "email",
    label: "Email address",
    hint: "ann@example.org",
    kind: "email",
    hasSubject: true,
  },
  { type: "x", label: "User id", hint: "6253282", kind: "x" },
  { type: "linkedin", label: "Member id", hint: "ann-8Rk2xW", kind: "linkedin" },
  { type: "telegram", label: "User id", hint: "900123", kind: "telegram" },
  { type: "slack", label: "Member id", hint: "U012AB3CD", kind: "slack" },
  { type: "pigeon", label: "Loft", hint: "loft-7", kind: "pigeon" },
];

const FIELDS: readonly NetworkField[] = WELL_KNOWN.map((field) => ({
  ...field,
  name: networkName(field.type),
}));

const ADDRESS = /^[a-z][a-z0-9_-]{0,31}:\S/;

/**
 * Fields of these networks, each once, those that everybody knows first; of all known ones when it is not known which there are.
 * `connectors` tell what the others are called, and their addresses.
 */
export function fieldsOf(
  networks: readonly string[] | undefined,
  connectors: readonly KnownConnector[] = [],
): readonly NetworkField[] {
  if (networks === undefined) return FIELDS;
  const known = FIELDS.filter(({ type }) => networks.includes(type));
  const others = [...new Set(networks)].filter((one) => !FIELDS.some(({ type }) => type === one));
  const connectorOf = (network: string) => connectors.find((one) => one.network === network);
  return [...known, ...others.map((network) => unknownField(network, connectorOf(network)))];
}

/** The address that somebody wrote: with its kind as it is, otherwise of the field's kind. */
export function addressIn(text: string, { kind }: NetworkField): string | undefined {
  const written = text.trim();
  if (written === "") return undefined;
  return ADDRESS.test(written) ? written : `${kind}:${written}`;
}

/** What tells an email's thread apart from others with the same people. */
export function threadOf(subject: string): string {
  return subject.replace(/\s+/g, " ").trim().normalize("NFKC").toLowerCase().slice(0, 200);
}

/** The kind is mostly called as the network is; one that others have, too, is asked for as theirs is. */
function unknownField(network: string, connector: KnownConnector | undefined): NetworkField {
  const { displayName: name = networkName(network), addressKinds = [] } = connector ?? {};
  const [kind = network] = addressKinds;
  const alike = FIELDS.find((field) => field.kind === kind);
  const { label, hint } = alike ?? { label: "Address", hint: `${kind}:…` };
  return { type: network, name, label, hint, kind };
}
