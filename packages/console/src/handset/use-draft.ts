import type { HandsetDraftRequest, HandsetMessageView, HandsetNetwork } from "@anywire/types";
import { useState } from "react";
import { type ChosenMedia, mediaOf, readMedia } from "./chosen-media.ts";
import { useAttempt } from "./use-attempt.ts";
import { useHandsets } from "./use-handsets.ts";
import { useTyping } from "./use-typing.ts";

/** What is written, and whom it answers. */
export interface DraftOptions {
  readonly network: HandsetNetwork;
  readonly person: string;
  readonly messages: readonly HandsetMessageView[];
  /** The message that somebody chose to answer. */
  readonly answered: HandsetMessageView | undefined;
  readonly onAnswer: (message: HandsetMessageView | undefined) => void;
}

/** A message that a person writes. */
export interface Draft {
  readonly text: string;
  readonly subject: string;
  readonly media: ChosenMedia | undefined;
  /** The message that it answers. */
  readonly answered: HandsetMessageView | undefined;
  /** Whether it begins something that has a subject. */
  readonly hasSubject: boolean;
  readonly isReady: boolean;
  /** Why it was refused, or the last file was. */
  readonly failure: string | undefined;
  write(text: string): void;
  setSubject(subject: string): void;
  attach(file: File): void;
  leaveOut(): void;
  /** Answers nothing. */
  cancel(): void;
  /** Resolves when it is sent, or refused: then it stays as it is. */
  send(): Promise<void>;
}

/** What a person writes next. */
export function useDraft(options: DraftOptions): Draft {
  const { network, person, onAnswer } = options;
  const { id, abilities } = network;
  const { api } = useHandsets();
  const [text, setText] = useState("");
  const [subject, setSubject] = useState("");
  const [media, setMedia] = useState<ChosenMedia>();
  const [isNewThread, setIsNewThread] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const { failure, attempt } = useAttempt();
  const type = useTyping(abilities.typing ? () => api.typing(id, person) : undefined);
  const answered = options.answered ?? (isNewThread ? undefined : threadOf(options));
  const hasSubject = abilities.subject && answered === undefined;
  const request: HandsetDraftRequest = {
    person,
    text: text.trim(),
    ...(media !== undefined && { media: mediaOf(media) }),
    ...(hasSubject && { subject: subject.trim() }),
    ...(answered !== undefined && { replyTo: answered.id }),
  };
  const clear = (): void => {
    setText("");
    setSubject("");
    setMedia(undefined);
    setIsNewThread(false);
    onAnswer(undefined);
  };
  return {
    ...{ text, subject, media, answered, hasSubject, failure, setSubject },
    isReady: (text.trim() !== "" || media !== undefined) && !isSending,
    write(next) {
      setText(next);
      if (next !== "") type();
    },
    attach: (file) => void attempt(readMedia(file)).then(setMedia, () => undefined),
    leaveOut: () => setMedia(undefined),
    cancel() {
      onAnswer(undefined);
      setIsNewThread(abilities.subject);
    },
    async send() {
      setIsSending(true);
      await attempt(api.write(id, request)).then(clear, () => undefined);
      setIsSending(false);
    },
  };
}

/** A letter answers the last one that came, unless another thread is begun. */
function threadOf({
  network: { abilities },
  messages,
}: DraftOptions): HandsetMessageView | undefined {
  if (!abilities.subject || !abilities.reply) return undefined;
  return messages.findLast(({ direction, isDeleted }) => direction === "in" && !isDeleted);
}
