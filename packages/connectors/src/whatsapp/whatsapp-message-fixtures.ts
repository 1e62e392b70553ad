import { at, type RecordedWhatsapp, receiver, sender } from "./whatsapp-recorded.ts";

/** Messages that people wrote. */
export const RECORDED_MESSAGES: readonly RecordedWhatsapp[] = [
  {
    name: "a text, escaped as Meta writes it",
    signature: "sha256=a0b13b45e6649a65b0e5357dc77c1882905ae607a3751ed904e72d01f0ee83b5",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw00","timestamp":"1764115199","type":"text","text":{"body":"Does it come in bl\\u00e5? \\ud83c\\udfa8 a\\/b"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw00",
        at,
        sender,
        text: "Does it come in blå? 🎨 a/b",
        receiver,
      },
    ],
  },
  {
    name: "a text of a person who keeps the number to themselves",
    signature: "sha256=84b6d73a4741817ef072f7c84979362de0c8e34943d4562648668a7b19874bec",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena","username":"sheena"},"user_id":"US.13491208655302741918"}],"messages":[{"from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw01","timestamp":"1764115199","type":"text","text":{"body":"hi"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw01",
        at,
        sender: {
          addresses: ["whatsapp:US.13491208655302741918"],
          name: "Sheena",
        },
        text: "hi",
        receiver,
      },
    ],
  },
  {
    name: "a text from the time before user ids",
    signature: "sha256=129837fdb961f177fe2c29494edb35ecb921e26aef5e83c82e162d64c09f549b",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234"}],"messages":[{"from":"16505551234","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw02","timestamp":"1764115199","type":"text","text":{"body":"hi"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw02",
        at,
        sender: {
          addresses: ["whatsapp:+16505551234", "phone:+16505551234"],
          name: "Sheena Nelson",
        },
        text: "hi",
        receiver,
      },
    ],
  },
  {
    name: "a number in Mexico, which WhatsApp still writes with a 1",
    signature: "sha256=f5f6afd8e349494f8620bda6bb41337a1b3051b3bb643be9c481e23f05270a41",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Lu"},"wa_id":"5215512345678"}],"messages":[{"from":"5215512345678","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw03","timestamp":"1764115199","type":"text","text":{"body":"hola"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw03",
        at,
        sender: {
          addresses: ["whatsapp:+525512345678", "phone:+525512345678"],
          name: "Lu",
        },
        text: "hola",
        receiver,
      },
    ],
  },
  {
    name: "an answer to a message of ours",
    signature: "sha256=201d7341822f50643efd3d70a529ba23a59b3231bb89f9ef94b5cac7b270e622",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw04","timestamp":"1764115199","context":{"from":"15550783881","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"},"type":"text","text":{"body":"Yes"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw04",
        at,
        sender,
        text: "Yes",
        receiver,
        replyTo: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
      },
    ],
  },
  {
    name: "a picture with a caption",
    signature: "sha256=c9ff4af2a9339db5aae57fc991732027f68091facdda867c5b34622f68a2a68f",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw05","timestamp":"1764115199","type":"image","image":{"caption":"Check this out","mime_type":"image\\/jpeg","sha256":"abc","id":"1003383421387256"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw05",
        at,
        sender,
        media: [
          {
            kind: "image",
            ref: "1003383421387256",
            mimeType: "image/jpeg",
          },
        ],
        text: "Check this out",
        receiver,
      },
    ],
  },
  {
    name: "a document",
    signature: "sha256=dcc97cdfef9c07f788c9518a7eca3330d8e3c9e5fbd73a4b42f87b3d8021414b",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw06","timestamp":"1764115199","type":"document","document":{"filename":"paper.pdf","mime_type":"application\\/pdf","sha256":"abc","id":"1003383421387257"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw06",
        at,
        sender,
        media: [
          {
            kind: "file",
            ref: "1003383421387257",
            name: "paper.pdf",
            mimeType: "application/pdf",
          },
        ],
        receiver,
      },
    ],
  },
  {
    name: "a voice message",
    signature: "sha256=a0d4d52b72e50dddd8f51e5b95f731c183f814870c65923191f3fb4c1fb5d5c5",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw07","timestamp":"1764115199","type":"audio","audio":{"mime_type":"audio\\/ogg; codecs=opus","sha256":"abc","id":"1003383421387258","voice":true}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw07",
        at,
        sender,
        media: [
          {
            kind: "audio",
            ref: "1003383421387258",
            mimeType: "audio/ogg; codecs=opus",
          },
        ],
        receiver,
      },
    ],
  },
  {
    name: "a location",
    signature: "sha256=9d8f713b5b72141254bd882e884e5d23ff36cbffcf5591d668ec9f1c235fbb2b",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw08","timestamp":"1764115199","type":"location","location":{"latitude":37.483253,"longitude":-122.149956,"name":"Meta","address":"1 Hacker Way"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw08",
        at,
        sender,
        location: {
          latitude: 37.483253,
          longitude: -122.149956,
          label: "Meta",
        },
        receiver,
      },
    ],
  },
  {
    name: "a button that was pressed",
    signature: "sha256=a1a679b4345817c096ad96ede1ff5222b6b0ec297dbc3ab305893f8bd4c0c41c",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw09","timestamp":"1764115199","context":{"from":"15550783881","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"},"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"btn-approve","title":"Approve"}}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw09",
        at,
        sender,
        text: "Approve",
        meta: {
          buttonPayload: "btn-approve",
        },
        receiver,
        replyTo: "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA",
      },
    ],
  },
  {
    name: "a quick reply of a template",
    signature: "sha256=4f6a0fb30f3613f813f351e0031d3ab0cac3cb966a2c2458611a19c7e49827fb",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw10","timestamp":"1764115199","type":"button","button":{"payload":"unsubscribe","text":"Unsubscribe"}}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw10",
        at,
        sender,
        text: "Unsubscribe",
        meta: {
          buttonPayload: "unsubscribe",
        },
        receiver,
      },
    ],
  },
  {
    name: "a contact card",
    signature: "sha256=3666d21ce05c4ad9490cf05707d91ecd4e673d4458963d19fa5c3cde551f11b0",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw11","timestamp":"1764115199","type":"contacts","contacts":[{"name":{"formatted_name":"Ann Ott"},"phones":[{"phone":"+447700900123","type":"CELL"}]}]}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw11",
        at,
        sender,
        text: "Ann Ott +447700900123",
        receiver,
      },
    ],
  },
  {
    name: "something that can't be shown",
    signature: "sha256=8724e0890249e33852cae8b227f744d1034b734c5d4861e40db21cc223536681",
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw12","timestamp":"1764115199","type":"unsupported","errors":[{"code":131051,"title":"Message type unknown"}]}]},"field":"messages"}]}]}',
    events: [
      {
        type: "message",
        externalId: "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEw12",
        at,
        sender,
        text: "[a message of a kind that can't be shown here: unsupported]",
        meta: {
          whatsappType: "unsupported",
        },
        receiver,
      },
    ],
  },
];
