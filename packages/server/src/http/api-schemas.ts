import {
  entriesPageSchema,
  entrySchema,
  messagePartSchema,
  presenceMemberSchema,
  presenceSchema,
  problemSchema,
  sendMessageRequestSchema,
  sentMessageSchema,
} from "@anywire/types";
import type { z } from "zod";
import { healthSchema, readyProblemSchema, readySchema } from "./health-routes.ts";
import { jwksSchema } from "./jwks-route.ts";

/** The schemas that requests and answers are made of, by the names they have in the OpenAPI document. */
export const API_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  SendMessageRequest: sendMessageRequestSchema,
  MessagePart: messagePartSchema,
  SentMessage: sentMessageSchema,
  EntriesPage: entriesPageSchema,
  Entry: entrySchema,
  Presence: presenceSchema,
  PresenceMember: presenceMemberSchema,
  Problem: problemSchema,
  Health: healthSchema,
  Ready: readySchema,
  ReadyProblem: readyProblemSchema,
  Jwks: jwksSchema,
};
