import type { Fixture } from "../contract/fixture.ts";
import { deliveryErrorOf } from "./twilio-errors.ts";
import { RECORDED_AT as at, type RecordedTwilio, twilioFixtures } from "./twilio-fixtures.ts";

const RECORDED: readonly RecordedTwilio[] = [
  {
    name: "an inbound message from a person with a name",
    signature: "C4K55XdMkDlcWq0cQfDm7SDCIFA=",
    body: "SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ProfileName=Ann+Ott&MessageType=text&SmsSid=SM00000000000000000000000000000001&WaId=447700900123&SmsStatus=received&Body=Is+it+still+there%3F&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000001",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000001",
        at,
        sender: {
          addresses: ["whatsapp:+447700900123", "phone:+447700900123"],
          name: "Ann Ott",
        },
        receiver: "+14155238886",
        text: "Is it still there?",
      },
    ],
  },
  {
    name: "an answer to a message of ours",
    signature: "zMBsxIU3m0QkRJgWdICWq8GrSpc=",
    body: "SmsMessageSid=SM00000000000000000000000000000002&NumMedia=0&ProfileName=Ann+Ott&MessageType=text&SmsSid=SM00000000000000000000000000000002&WaId=447700900123&SmsStatus=received&Body=Yes&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000002&OriginalRepliedMessageSid=SM00000000000000000000000000000009&OriginalRepliedMessageSender=whatsapp%3A%2B14155238886",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000002",
        at,
        sender: {
          addresses: ["whatsapp:+447700900123", "phone:+447700900123"],
          name: "Ann Ott",
        },
        receiver: "+14155238886",
        text: "Yes",
        replyTo: "SM00000000000000000000000000000009",
      },
    ],
  },
  {
    name: "a button that was pressed",
    signature: "pAilOk39QXSBZ2NTw1U35vlXOcI=",
    body: "SmsMessageSid=SM00000000000000000000000000000003&NumMedia=0&ProfileName=Ann+Ott&MessageType=button&SmsSid=SM00000000000000000000000000000003&WaId=447700900123&SmsStatus=received&Body=Confirm&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000003&ButtonText=Confirm&ButtonPayload=confirm-7",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000003",
        at,
        sender: {
          addresses: ["whatsapp:+447700900123", "phone:+447700900123"],
          name: "Ann Ott",
        },
        receiver: "+14155238886",
        text: "Confirm",
        meta: {
          buttonText: "Confirm",
          buttonPayload: "confirm-7",
        },
      },
    ],
  },
  {
    name: "a location",
    signature: "CzmEcuJD7COlhTvx5TJnPJ7QAQk=",
    body: "SmsMessageSid=SM00000000000000000000000000000004&NumMedia=0&ProfileName=Ann+Ott&MessageType=location&SmsSid=SM00000000000000000000000000000004&WaId=447700900123&SmsStatus=received&Body=&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000004&Latitude=51.5007&Longitude=-0.1246&Label=Big+Ben&Address=London+SW1A+0AA",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000004",
        at,
        sender: {
          addresses: ["whatsapp:+447700900123", "phone:+447700900123"],
          name: "Ann Ott",
        },
        receiver: "+14155238886",
        location: {
          latitude: 51.5007,
          longitude: -0.1246,
          label: "Big Ben",
        },
      },
    ],
  },
  {
    name: "a picture with a text",
    signature: "MQ/kr4SneP4joT5DAI1dhwG3OKs=",
    body: "SmsMessageSid=MM00000000000000000000000000000005&NumMedia=1&ProfileName=Ann+Ott&MessageType=image&SmsSid=MM00000000000000000000000000000005&WaId=447700900123&SmsStatus=received&Body=this+one&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=MM00000000000000000000000000000005&MediaContentType0=image%2Fjpeg&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2FAccounts%2FAC0123456789abcdef0123456789abcdef%2FMessages%2FMM00000000000000000000000000000005%2FMedia%2FME00000000000000000000000000000001",
    events: [
      {
        type: "message",
        externalId: "MM00000000000000000000000000000005",
        at,
        sender: {
          addresses: ["whatsapp:+447700900123", "phone:+447700900123"],
          name: "Ann Ott",
        },
        receiver: "+14155238886",
        text: "this one",
        media: [
          {
            kind: "image",
            ref: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages/MM00000000000000000000000000000005/Media/ME00000000000000000000000000000001",
            mimeType: "image/jpeg",
          },
        ],
      },
    ],
  },
  {
    name: "a message that was read",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "n/rcCooGcIQdEwdUIc+vr+0RraQ=",
    body: "SmsSid=SM00000000000000000000000000000006&SmsStatus=read&To=whatsapp%3A%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B14155238886&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000006&MessageStatus=read&EventType=READ&ChannelPrefix=whatsapp",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000006",
        status: "read",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: "+14155238886",
      },
    ],
  },
  {
    name: "a message outside of the window",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "hLOxJASYkeVGcNe8lg1Drqj6XxM=",
    body: "SmsSid=SM00000000000000000000000000000007&SmsStatus=undelivered&To=whatsapp%3A%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B14155238886&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000007&MessageStatus=undelivered&ErrorCode=63016&ChannelPrefix=whatsapp",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000007",
        status: "failed",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        error: deliveryErrorOf(63016),
        from: "+14155238886",
      },
    ],
  },
  {
    name: "a message of which a letter was changed",
    signature: "C4K55XdMkDlcWq0cQfDm7SDCIFA=",
    body: "SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ProfileName=Ann+Ott&MessageType=text&SmsSid=SM00000000000000000000000000000001&WaId=447700900123&SmsStatus=received&Body=Is+it+still+here%3F&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3A%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000001",
    events: undefined,
  },
];

/** Requests of Twilio about WhatsApp, as it makes them. */
export const TWILIO_WHATSAPP_FIXTURES: readonly Fixture[] = twilioFixtures(
  "https://hooks.example.org/v1/webhooks/wa-main",
  "+14155238886",
  RECORDED,
);
