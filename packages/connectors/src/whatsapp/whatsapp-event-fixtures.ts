import { whatsappError } from "./whatsapp-errors.ts";
import { at, RECORDED_AT, type RecordedWhatsapp, receiver, sender } from "./whatsapp-recorded.ts";

/** Statuses, marks, changes, new names, and what is none of these. */
export const RECORDED_EVENTS: readonly RecordedWhatsapp[] = [
  {
    name: "a mark on a message",
    signature: "sha256=856f5ce6aca258fd7330f45120633e5174abdc0bfab7f329a4cb8fa99a6bf71e",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw13","timestamp":"1764115199","type":"reaction","reaction":{"message_id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA","emoji":"\\ud83d\\udc4d"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "reaction",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        sender,
        emoji: "👍",
        action: "add",
        replaces: true,
      },
    ],
  },
  {
    name: "a mark that was taken off",
    signature: "sha256=4bc41545aef024c0424e846e6964360c709bb7ef7d25d3127d6495404f564b13",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw14","timestamp":"1764115199","type":"reaction","reaction":{"message_id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "reaction",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        sender,
        emoji: "",
        action: "remove",
      },
    ],
  },
  {
    name: "an edit",
    signature: "sha256=0c94dc3c7808547e18ec429aaf3ad86d096d8c23b67e6facf4f41705009a348b",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw15","timestamp":"1764115199","type":"edit","edit":{"original_message_id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA","message":{"type":"text","text":{"body":"red"}}}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "edit",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        changeId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw15",
        sender,
        text: "red",
      },
    ],
  },
  {
    name: "a message that was taken back",
    signature: "sha256=e54352f9651e83d317e0b186ef444bf9b35a8ead91b9c016d1a9dc0d1989b369",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw16","timestamp":"1764115199","type":"revoke","revoke":{"original_message_id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "delete",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        sender,
      },
    ],
  },
  {
    name: "a new number, which makes a new user id",
    signature: "sha256=e46a0d89da1112d06a7d1b4fe094ace1701ec71821c0347c87b2d5f09f83b56c",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"from":"16505551234","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw17","timestamp":"1764115199","type":"system","system":{"body":"User Sheena Nelson changed from 16505551234 to 12195555358","wa_id":"12195555358","user_id":"US.24817305912873645029","previous_user_id":"US.13491208655302741918","type":"user_changed_number"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "identity_changed",
        at,
        from: "whatsapp:US.13491208655302741918",
        to: "whatsapp:US.24817305912873645029",
      },
      {
        type: "identity_changed",
        at,
        from: "whatsapp:+16505551234",
        to: "whatsapp:+12195555358",
      },
      {
        type: "identity_changed",
        at,
        from: "phone:+16505551234",
        to: "phone:+12195555358",
      },
    ],
  },
  {
    name: "a new user id alone",
    signature: "sha256=653e931f7bb9092ecec48285904282623cb7155bbce95d45de46e7c2d0a2de8c",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw18","timestamp":"1764115199","type":"system","system":{"body":"User changed","user_id":"US.24817305912873645029","previous_user_id":"US.13491208655302741918","type":"user_changed_user_id"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "identity_changed",
        at,
        from: "whatsapp:US.13491208655302741918",
        to: "whatsapp:US.24817305912873645029",
      },
    ],
  },
  {
    name: "a new user id by the webhook of its own",
    signature: "sha256=8b808ae0a919ea928f71742df95df90208ad8c8df90fa095c49b8680b8612b02",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"12195555358"}],"user_id_update":[{"wa_id":"12195555358","detail":"updated","user_id":{"previous":"US.13491208655302741918","current":"US.24817305912873645029"},"timestamp":"1764115199"}]},"field":"user_id_update"}]}]}',
    events: [
      {
        type: "identity_changed",
        at,
        from: "whatsapp:US.13491208655302741918",
        to: "whatsapp:US.24817305912873645029",
      },
    ],
  },
  {
    name: "a message that is on its way",
    signature: "sha256=b7d2e74bace56adf9a921d23fcc691b481c945a663e2715a382eac877f82e4a9",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA","timestamp":"1764115199","recipient_id":"16505551234","recipient_user_id":"US.13491208655302741918","status":"sent","biz_opaque_callback_data":"0198c0de-0000-7000-8000-000000000001","pricing":{"billable":true,"pricing_model":"PMP","category":"utility","type":"regular"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "receipt",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        status: "sent",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: receiver,
      },
    ],
  },
  {
    name: "a message that was read",
    signature: "sha256=33808813afcb51e6fef5021166bb96f73c08f531e867018e9c7ab4f59a28957a",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA","timestamp":"1764115199","recipient_id":"16505551234","recipient_user_id":"US.13491208655302741918","status":"read","biz_opaque_callback_data":"0198c0de-0000-7000-8000-000000000001"}]},"field":"messages"}]}]}',
    events: [
      {
        type: "receipt",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        status: "read",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: receiver,
      },
    ],
  },
  {
    name: "a message that failed outside of the window",
    signature: "sha256=da8fff5bf0081e5dd30ab5d90c07761f42b1b80d14454e6829fdd14a8e5fde37",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA","timestamp":"1764115199","recipient_id":"16505551234","recipient_user_id":"US.13491208655302741918","status":"failed","biz_opaque_callback_data":"0198c0de-0000-7000-8000-000000000001","errors":[{"code":131047,"title":"Re-engagement message","message":"Re-engagement message","error_data":{"details":"More than 24 hours"},"href":"https:\\/\\/developers.facebook.com"}]}]},"field":"messages"}]}]}',
    events: [
      {
        type: "receipt",
        at,
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
        status: "failed",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: receiver,
        error: { class: "window_closed", code: "131047", reason: whatsappError(131047).reason },
      },
    ],
  },
  {
    name: "three changes of one request, of which one is of another number",
    signature: "sha256=5675be3db6c7ee31e8c9cc958b797db55385dfda28cf9cf43ba78d69a1e6430a",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw23","timestamp":"1764115199","type":"text","text":{"body":"Does it come in bl\\u00e5? \\ud83c\\udfa8 a\\/b"}},{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.second","timestamp":"1764115199","type":"text","text":{"body":"And in red?"}}]}},{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"999999999999"},"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw23","timestamp":"1764115199","type":"text","text":{"body":"Does it come in bl\\u00e5? \\ud83c\\udfa8 a\\/b"}}]}}]},{"id":"2","changes":[{"field":"message_template_status_update","value":{"event":"APPROVED","message_template_name":"hello"}}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw23",
        at,
        sender,
        text: "Does it come in blå? 🎨 a/b",
        receiver,
      },
      {
        type: "message",
        externalId: "wamid.second",
        at,
        sender,
        text: "And in red?",
        receiver,
      },
      {
        type: "ignored",
        at: RECORDED_AT,
        what: "of another business number",
      },
      {
        type: "ignored",
        at: RECORDED_AT,
        what: "a change of message_template_status_update",
      },
    ],
  },
  {
    name: "a message in a group",
    signature: "sha256=8846a3b5af217e0c94257e62d8349b62f17524580fbedcf3ee4c32801164814e",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw24","timestamp":"1764115199","group_id":"120363418","type":"text","text":{"body":"hi all"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "ignored",
        at,
        what: "a message in a group",
      },
    ],
  },
  {
    name: "the same words in other bytes than were signed",
    signature: "sha256=65108e4d52ea57fcab921517fd3ce0c481bb43f57b39520809bf82b0897892e9",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1764115199","type":"text","text":{"body":"Does it come in blå? 🎨 a/b"}}]},"field":"messages"}]}]}',
    events: undefined,
  },
];
