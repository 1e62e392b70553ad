import { useChannels } from "@anywire/client/react";
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { useNames } from "../conversation/use-names.ts";
import { accountsIn, accountsOf } from "./accounts.ts";
import { addressIn, type NetworkField, threadOf } from "./network-fields.ts";
import { type NewChannelRequest, useNewChannel } from "./use-new-channel.ts";
import "./new-channel-dialog.css";

/** So many people one knows are offered. */
const MAX_OFFERED = 6;

/** Asks whom to talk with and over which network, opens the channel and goes there. */
export function NewChannelDialog({
  self,
  networks,
  onOpen,
  onClose,
}: {
  readonly self: string | undefined;
  /** Those that are offered: known before it opens, so that nothing moves. */
  readonly networks: readonly NetworkField[];
  readonly onOpen: (channel: string) => void;
  readonly onClose: () => void;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [type, setType] = useState("direct");
  const [title, setTitle] = useState("");
  const [people, setPeople] = useState("");
  const { isOpening, problem, open } = useNewChannel((channel) => {
    dialog.current?.close();
    onOpen(channel);
  });
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input[type=text]")?.focus();
  }, []);

  const network = networks.find((one) => one.type === type);
  const request = requestFor(type, network, people, title.trim());
  const choose = (next: string): void => {
    setType(next);
    // What reaches somebody on one network means nothing on another, unless it is a number on both.
    if (kindOf(next, networks) !== kindOf(type, networks)) setPeople("");
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (request !== undefined && !isOpening) void open(request);
  };

  return (
    <dialog ref={dialog} className="dialog new-channel" aria-labelledby={titleId} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <h2 id={titleId} className="card-title">
          New channel
        </h2>
        <TypeChoice type={type} networks={networks} onChoose={choose} />
        {network === undefined ? (
          <AccountFields
            {...{ self, people, title }}
            isGroup={type === "group"}
            onPeople={setPeople}
            onTitle={setTitle}
          />
        ) : (
          <>
            <TextField
              label={network.label}
              hint={network.hint}
              value={people}
              onChange={setPeople}
            />
            {network.hasSubject === true && (
              <TextField
                label="Subject"
                hint="What the letter is about"
                value={title}
                onChange={setTitle}
              />
            )}
          </>
        )}
        {problem !== undefined && (
          <span className="dialog-problem" role="alert">
            {problem}
          </span>
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            className="button button-primary"
            disabled={request === undefined || isOpening}
          >
            {type === "group" ? "Open group" : "Open channel"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** What to ask for; undefined while something is missing. */
function requestFor(
  type: string,
  network: NetworkField | undefined,
  people: string,
  title: string,
): NewChannelRequest | undefined {
  if (network !== undefined) {
    const address = addressIn(people, network);
    if (address === undefined) return undefined;
    const isThread = network.hasSubject === true && title !== "";
    return {
      ...{ type, participants: [address], title: isThread ? title : "" },
      ...(isThread ? { thread: threadOf(title) } : {}),
    };
  }
  const isGroup = type === "group";
  const participants = accountsIn(people).map((account) => `account:${account}`);
  const isComplete = isGroup ? title !== "" && participants.length > 0 : participants.length === 1;
  return isComplete ? { type, participants, title: isGroup ? title : "" } : undefined;
}

function kindOf(type: string, networks: readonly NetworkField[]): string {
  return networks.find((one) => one.type === type)?.kind ?? "account";
}

function TypeChoice({
  type,
  networks,
  onChoose,
}: {
  readonly type: string;
  readonly networks: readonly NetworkField[];
  readonly onChoose: (type: string) => void;
}): ReactElement {
  const choice = (value: string, label: string): ReactElement => (
    <label key={value} className="choice">
      <input
        type="radio"
        name="channel-type"
        className="sr-only"
        checked={type === value}
        onChange={() => onChoose(value)}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="choice-groups">
      <legend className="sr-only">Type</legend>
      <div className="choices">
        {choice("direct", "Direct")}
        {choice("group", "Group")}
      </div>
      {networks.length > 0 && (
        <div className="choice-networks">{networks.map((one) => choice(one.type, one.name))}</div>
      )}
    </fieldset>
  );
}

function AccountFields({
  self,
  isGroup,
  people,
  title,
  onPeople,
  onTitle,
}: {
  readonly self: string | undefined;
  readonly isGroup: boolean;
  readonly people: string;
  readonly title: string;
  readonly onPeople: (people: string) => void;
  readonly onTitle: (title: string) => void;
}): ReactElement {
  const accounts = accountsIn(people);
  const add = (account: string): void =>
    onPeople(isGroup ? [...accounts, account].join(", ") : account);
  return (
    <>
      {isGroup && (
        <TextField label="Title" hint="What people call it" value={title} onChange={onTitle} />
      )}
      <TextField
        label={isGroup ? "Accounts" : "Account"}
        hint={isGroup ? "june, ann" : "june"}
        value={people}
        onChange={onPeople}
      />
      <Offers self={self} chosen={accounts} onChoose={add} />
    </>
  );
}

function TextField({
  label,
  hint,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  return (
    <label className="dialog-field">
      <span>{label}</span>
      <input
        type="text"
        value={value}
        placeholder={hint}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** People one shares a channel with. */
function Offers({
  self,
  chosen,
  onChoose,
}: {
  readonly self: string | undefined;
  readonly chosen: readonly string[];
  readonly onChoose: (account: string) => void;
}): ReactElement | null {
  const nameOf = useNames();
  const offered = accountsOf(useChannels(), self).filter((account) => !chosen.includes(account));
  if (offered.length === 0) return null;
  return (
    <div className="offers">
      {offered.slice(0, MAX_OFFERED).map((account) => (
        <button key={account} type="button" className="offer" onClick={() => onChoose(account)}>
          {nameOf(`account:${account}`)}
        </button>
      ))}
    </div>
  );
}
