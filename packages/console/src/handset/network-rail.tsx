import type { HandsetNetwork, HandsetPersons } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { formatWhen } from "../conversation/times.ts";
import { NetworkGlyph } from "../networks/network-glyph.tsx";
import { AddPerson } from "./add-person.tsx";
import { type HandsetRef, keyOf } from "./handsets.ts";
import { useHandsetsState } from "./use-handsets.ts";
import "./network-rail.css";

/** The networks, and who is there: opens them, and adds more. */
export function NetworkRail({
  refs,
  onOpen,
}: {
  readonly refs: readonly HandsetRef[];
  readonly onOpen: (ref: HandsetRef) => void;
}): ReactElement {
  const { networks, persons, isLive } = useHandsetsState();
  return (
    <nav className="rail" aria-label="Networks">
      <header className="rail-header">
        <h2 className="rail-title">Other end</h2>
        <span className="rail-live" data-live={isLive} role="status">
          {isLive ? "Live" : "Waiting for the server"}
        </span>
      </header>
      <p className="rail-about">
        You play the people outside. What you write here reaches the product as if it came from the
        network.
      </p>
      {networks.length === 0 && (
        <p className="rail-about">No connector of this server has a simulator.</p>
      )}
      {networks.map((network) => (
        <NetworkSection
          key={network.id}
          network={network}
          persons={peopleOf(network, persons.get(network.id) ?? [], refs)}
          openKeys={new Set(refs.map(keyOf))}
          onOpen={(person) => onOpen({ network: network.id, person })}
        />
      ))}
    </nav>
  );
}

type Person = HandsetPersons["persons"][number];

/** Those with messages, and those who are open without having any. */
function peopleOf(
  { id }: HandsetNetwork,
  known: readonly Person[],
  refs: readonly HandsetRef[],
): readonly Person[] {
  const silent = refs.filter(
    ({ network, person }) => network === id && !known.some((one) => one.person === person),
  );
  return [...known, ...silent.map(({ person }) => ({ person, unread: 0, last: null }))];
}

function NetworkSection({
  network,
  persons,
  openKeys,
  onOpen,
}: {
  readonly network: HandsetNetwork;
  readonly persons: readonly Person[];
  readonly openKeys: ReadonlySet<string>;
  readonly onOpen: (person: string) => void;
}): ReactElement {
  const [isAdding, setIsAdding] = useState(false);
  const { id, displayName, business, identity } = network;
  return (
    <section className="rail-network" data-network={network.network} aria-label={displayName}>
      <div className="rail-network-header">
        <NetworkGlyph network={network.network} size={18} />
        <div className="rail-network-what">
          <h3 className="rail-network-name">{displayName}</h3>
          <p className="rail-network-business" title={`The product’s own address: ${business}`}>
            {business}
          </p>
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label={`${displayName}: add ${identity.label}`}
          title={`Add ${identity.label}`}
          aria-expanded={isAdding}
          onClick={() => setIsAdding(!isAdding)}
        >
          <Icon name={isAdding ? "close" : "plus"} />
        </button>
      </div>
      {isAdding && (
        <AddPerson
          identity={identity}
          taken={persons.map(({ person }) => person)}
          onAdd={(person) => {
            setIsAdding(false);
            onOpen(person);
          }}
          onCancel={() => setIsAdding(false)}
        />
      )}
      {persons.length > 0 && (
        <ul className="rail-persons">
          {persons.map((one) => (
            <PersonRow
              key={one.person}
              one={one}
              isOpen={openKeys.has(keyOf({ network: id, person: one.person }))}
              onOpen={onOpen}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function PersonRow({
  one: { person, unread, last },
  isOpen,
  onOpen,
}: {
  readonly one: Person;
  readonly isOpen: boolean;
  readonly onOpen: (person: string) => void;
}): ReactElement {
  return (
    <li>
      <button
        type="button"
        className="rail-person"
        data-open={isOpen}
        title={isOpen ? "Open" : "Opens their handset"}
        onClick={() => onOpen(person)}
      >
        <span className="rail-person-name">{person}</span>
        {last !== null && <time className="rail-person-at">{formatWhen(last.at, Date.now())}</time>}
        <span className="rail-person-last">
          {last === null ? "No messages yet" : previewOf(last)}
        </span>
        {unread > 0 && (
          <span className="badge">
            {unread}
            <span className="sr-only"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}

function previewOf({
  direction,
  text,
  media,
  subject,
  isDeleted,
}: NonNullable<Person["last"]>): string {
  const said = isDeleted ? "Deleted" : (subject ?? text) || media[0]?.name || "Attachment";
  return direction === "out" ? `You: ${said}` : said;
}
