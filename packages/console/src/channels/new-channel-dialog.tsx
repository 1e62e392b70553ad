import { useChannels } from "@anywire/client/react";
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { useNames } from "../conversation/use-names.ts";
import { accountsIn, accountsOf } from "./accounts.ts";
import { type NewChannelType, useNewChannel } from "./use-new-channel.ts";
import "./new-channel-dialog.css";

/** So many people one knows are offered. */
const MAX_OFFERED = 6;

/** Asks whom to talk with, opens the channel and goes there. */
export function NewChannelDialog({
  self,
  onOpen,
  onClose,
}: {
  readonly self: string | undefined;
  readonly onOpen: (channel: string) => void;
  readonly onClose: () => void;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [type, setType] = useState<NewChannelType>("direct");
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

  const isGroup = type === "group";
  const accounts = accountsIn(people);
  const isComplete = isGroup ? title.trim() !== "" && accounts.length > 0 : accounts.length === 1;
  const add = (account: string): void =>
    setPeople(isGroup ? [...accounts, account].join(", ") : account);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && !isOpening) void open(type, accounts, title.trim());
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <h2 id={titleId} className="card-title">
          New channel
        </h2>
        <TypeChoice type={type} onChoose={setType} />
        {isGroup && (
          <TextField label="Title" hint="What people call it" value={title} onChange={setTitle} />
        )}
        <TextField
          label={isGroup ? "Accounts" : "Account"}
          hint={isGroup ? "june, ann" : "june"}
          value={people}
          onChange={setPeople}
        />
        <Offers self={self} chosen={accounts} onChoose={add} />
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
            disabled={!isComplete || isOpening}
          >
            {isGroup ? "Open group" : "Open channel"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function TypeChoice({
  type,
  onChoose,
}: {
  readonly type: NewChannelType;
  readonly onChoose: (type: NewChannelType) => void;
}): ReactElement {
  const choice = (value: NewChannelType, label: string): ReactElement => (
    <label className="choice">
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
    <fieldset className="choices">
      <legend className="sr-only">Type</legend>
      {choice("direct", "Direct")}
      {choice("group", "Group")}
    </fieldset>
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
