/** What one writes to reach somebody over a network. */
export interface NetworkField {
  /** The type of the channel. */
  readonly type: string;
  readonly label: string;
  readonly hint: string;
  /** The kind of address that it is, unless what is written says another. */
  readonly kind: string;
  /** Whether what is written has a subject. */
  readonly hasSubject?: boolean;
}

const PHONE = { label: "Phone number", hint: "+447700900123", kind: "phone" } as const;

const FIELDS: readonly NetworkField[] = [
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

const ADDRESS = /^[a-z][a-z0-9_-]{0,31}:\S/;

/**
 * Fields of these networks, each once, those that everybody knows first; of all known ones when it is not known which there are.
 * `kindOf` tells what addresses of a network are called, where that is known.
 */
export function fieldsOf(
  networks: readonly string[] | undefined,
  kindOf: (network: string) => string | undefined = () => undefined,
): readonly NetworkField[] {
  if (networks === undefined) return FIELDS;
  const known = FIELDS.filter(({ type }) => networks.includes(type));
  const others = [...new Set(networks)].filter((one) => !FIELDS.some(({ type }) => type === one));
  return [...known, ...others.map((network) => unknownField(network, kindOf(network)))];
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

/** The kind is mostly called as the network is. */
function unknownField(network: string, kind = network): NetworkField {
  return { type: network, label: "Address", hint: `${kind}:…`, kind };
}
