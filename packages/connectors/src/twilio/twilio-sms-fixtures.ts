import type { Fixture } from "../contract/fixture.ts";
import { deliveryErrorOf } from "./twilio-errors.ts";
import { RECORDED_AT as at, type RecordedTwilio, twilioFixtures } from "./twilio-fixtures.ts";

const RECORDED: readonly RecordedTwilio[] = [
  {
    name: "an inbound message, with characters that a form has to escape",
    signature: "vBnOigFdTUlmxbyGWLiakIuiJcY=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=SM00000000000000000000000000000001&FromState=&SmsStatus=received&FromCity=&Body=Gr%C3%BC%C3%9Fe+%26+50%25+off%3F+%2B+%3D+%F0%9F%98%80%0Asecond+line&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000001",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000001",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        receiver: "+15005550006",
        text: "Grüße & 50% off? + = 😀\nsecond line",
      },
    ],
  },
  {
    name: "an inbound MMS with a picture and a recording",
    signature: "ib1dhbmMoJvukL0kCUgJGCVAwdI=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=MM00000000000000000000000000000002&NumMedia=2&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=MM00000000000000000000000000000002&FromState=&SmsStatus=received&FromCity=&Body=&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=MM00000000000000000000000000000002&MediaContentType0=image%2Fjpeg&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2FAccounts%2FAC0123456789abcdef0123456789abcdef%2FMessages%2FMM00000000000000000000000000000002%2FMedia%2FME00000000000000000000000000000001&MediaContentType1=audio%2Famr&MediaUrl1=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2FAccounts%2FAC0123456789abcdef0123456789abcdef%2FMessages%2FMM00000000000000000000000000000002%2FMedia%2FME00000000000000000000000000000002",
    events: [
      {
        type: "message",
        externalId: "MM00000000000000000000000000000002",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        receiver: "+15005550006",
        media: [
          {
            kind: "image",
            ref: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages/MM00000000000000000000000000000002/Media/ME00000000000000000000000000000001",
            mimeType: "image/jpeg",
          },
          {
            kind: "audio",
            ref: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages/MM00000000000000000000000000000002/Media/ME00000000000000000000000000000002",
            mimeType: "audio/amr",
          },
        ],
      },
    ],
  },
  {
    name: "a STOP that Twilio's Advanced Opt-Out has understood",
    signature: "AOSVWhUkcae+K0hKrOaA7OhiQto=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=SM00000000000000000000000000000003&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=SM00000000000000000000000000000003&FromState=&SmsStatus=received&FromCity=&Body=Stop&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000003&OptOutType=STOP&MessagingServiceSid=MG00000000000000000000000000000001",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000003",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        receiver: "+15005550006",
        text: "Stop",
      },
      {
        type: "consent",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        state: "out",
        reason: "Twilio took it as STOP",
      },
    ],
  },
  {
    name: "a START after it",
    signature: "b1ZyAjT+uOHgCUMpxJ3yKUo7vD4=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=SM00000000000000000000000000000004&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=SM00000000000000000000000000000004&FromState=&SmsStatus=received&FromCity=&Body=START&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000004&OptOutType=START&MessagingServiceSid=MG00000000000000000000000000000001",
    events: [
      {
        type: "message",
        externalId: "SM00000000000000000000000000000004",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        receiver: "+15005550006",
        text: "START",
      },
      {
        type: "consent",
        at,
        sender: {
          addresses: ["phone:+447700900123"],
        },
        state: "in",
        reason: "Twilio took it as START",
      },
    ],
  },
  {
    name: "a message that is on its way",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "p6rWwJn6VtLesOYEk9yBFg5cpIQ=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=sent&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=sent",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000005",
        status: "sent",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: "+15005550006",
      },
    ],
  },
  {
    name: "a message that has arrived, with the carrier's date in a time zone of its own",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "LMxsROAFnEVsCkDKBzztcIs5rio=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=delivered&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=delivered&RawDlrDoneDate=2511251759",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000005",
        status: "delivered",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: "+15005550006",
      },
    ],
  },
  {
    name: "a message that could not be delivered",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "SBp/4hREBVxxC1VOlDtvmmiLeco=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=undelivered&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=undelivered&ErrorCode=30003&ErrorMessage=Unreachable+destination+handset",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000005",
        status: "failed",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        error: deliveryErrorOf(30003),
        from: "+15005550006",
      },
    ],
  },
  {
    name: "a message to somebody who wants none",
    signature: "ozFnPDaB+uKVA7pG4+6OdH4Pc60=",
    body: "SmsSid=SM00000000000000000000000000000006&SmsStatus=failed&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000006&MessageStatus=failed&ErrorCode=21610",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000006",
        status: "failed",
        error: deliveryErrorOf(21610),
        suppressAddress: true,
        from: "+15005550006",
      },
    ],
  },
  {
    name: "a status that says nothing",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "0DBGVdszVxY36Fm6Q+5Z/o83VxA=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=sending&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=sending",
    events: [
      {
        type: "ignored",
        at,
        what: "status sending",
      },
    ],
  },
  {
    name: "a price, where a callback tells it",
    query: "?delivery=0198c0de-0000-7000-8000-000000000001",
    signature: "vQRgRJtJh2UdBtVKD7XJvf/1Jks=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=delivered&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=delivered&Price=-0.00790&PriceUnit=USD",
    events: [
      {
        type: "receipt",
        at,
        externalId: "SM00000000000000000000000000000005",
        status: "delivered",
        deliveryId: "0198c0de-0000-7000-8000-000000000001",
        from: "+15005550006",
        price: {
          amount: 0.0079,
          currency: "USD",
        },
      },
    ],
  },
  {
    name: "an empty message",
    signature: "iLoiOT1Yw0GqGPe75LAxnOMd8E4=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=SM00000000000000000000000000000007&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=SM00000000000000000000000000000007&FromState=&SmsStatus=received&FromCity=&Body=&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000007",
    events: [
      {
        type: "ignored",
        at,
        what: "an empty message",
      },
    ],
  },
  {
    name: "a text that was changed on its way",
    signature: "RkJAVrAIEbSLeKto1Kf0wmZWrIU=",
    body: "ToCountry=US&ToState=CA&SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=&SmsSid=SM00000000000000000000000000000001&FromState=&SmsStatus=received&FromCity=&Body=send+money+to+somebody+else&FromCountry=GB&To=%2B15005550006&ToZip=94105&NumSegments=1&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B447700900123&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000001",
    events: undefined,
  },
  {
    name: "a receipt for another delivery than Twilio called back for",
    query: "?delivery=0198c0de-0000-7000-8000-000000000666",
    signature: "BVfZikA5laXBLekTlPK1vEjK1E4=",
    body: "SmsSid=SM00000000000000000000000000000005&SmsStatus=delivered&To=%2B447700900123&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B15005550006&ApiVersion=2010-04-01&MessageSid=SM00000000000000000000000000000005&MessageStatus=delivered",
    events: undefined,
  },
];

/** Requests of Twilio about SMS, as it makes them. */
export const TWILIO_SMS_FIXTURES: readonly Fixture[] = twilioFixtures(
  "https://hooks.example.org/v1/webhooks/sms-main",
  "+15005550006",
  RECORDED,
);
