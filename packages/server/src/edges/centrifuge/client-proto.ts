/**
 * The messages of the protocol that this server reads and writes, with the field numbers of its public
 * definition, so that SDKs in Protobuf understand it. Fields we never use are left out; Protobuf skips them.
 * @see https://github.com/centrifugal/protocol/blob/master/definitions/client.proto
 */
export const CLIENT_PROTO = `
syntax = "proto3";

message Command {
  uint32 id = 1;
  ConnectRequest connect = 4;
  SubscribeRequest subscribe = 5;
  ChannelRequest unsubscribe = 6;
  PublishRequest publish = 7;
  ChannelRequest presence = 8;
  ChannelRequest presence_stats = 9;
  HistoryRequest history = 10;
  Empty ping = 11;
  SendRequest send = 12;
  RpcRequest rpc = 13;
  TokenRequest refresh = 14;
  SubRefreshRequest sub_refresh = 15;
}

message Empty {}
message ChannelRequest { string channel = 1; }
message TokenRequest { string token = 1; }
message SubRefreshRequest { string channel = 1; string token = 2; }
message PublishRequest { string channel = 1; bytes data = 2; }
message SendRequest { bytes data = 1; }
message RpcRequest { bytes data = 1; string method = 2; }
message StreamPosition { uint64 offset = 1; string epoch = 2; }

message ConnectRequest {
  string token = 1;
  bytes data = 2;
  map<string, SubscribeRequest> subs = 3;
  string name = 4;
  string version = 5;
}

message SubscribeRequest {
  string channel = 1;
  string token = 2;
  bool recover = 3;
  string epoch = 6;
  uint64 offset = 7;
  bytes data = 8;
  bool positioned = 9;
  bool recoverable = 10;
  bool join_leave = 11;
  string delta = 12;
  Empty tf = 13;
  int64 flag = 14;
}

message HistoryRequest {
  string channel = 1;
  int32 limit = 7;
  StreamPosition since = 8;
  bool reverse = 9;
}

message Reply {
  uint32 id = 1;
  Error error = 2;
  Push push = 4;
  ConnectResult connect = 5;
  SubscribeResult subscribe = 6;
  Empty unsubscribe = 7;
  Empty publish = 8;
  PresenceResult presence = 9;
  PresenceStatsResult presence_stats = 10;
  HistoryResult history = 11;
  Empty ping = 12;
  RpcResult rpc = 13;
  RefreshResult refresh = 14;
  SubRefreshResult sub_refresh = 15;
}

message Error { uint32 code = 1; string message = 2; bool temporary = 3; }

message Push {
  string channel = 2;
  Publication pub = 4;
  Membership join = 5;
  Membership leave = 6;
  Unsubscribe unsubscribe = 7;
  Disconnect disconnect = 11;
}

message ClientInfo { string user = 1; string client = 2; }
message Membership { ClientInfo info = 1; }
message Unsubscribe { uint32 code = 2; string reason = 3; }
message Disconnect { uint32 code = 1; string reason = 2; bool reconnect = 3; }

message Publication {
  bytes data = 4;
  ClientInfo info = 5;
  uint64 offset = 6;
  map<string, string> tags = 7;
  int64 time = 9;
  string channel = 10;
}

message ConnectResult {
  string client = 1;
  string version = 2;
  bool expires = 3;
  uint32 ttl = 4;
  bytes data = 5;
  map<string, SubscribeResult> subs = 6;
  uint32 ping = 7;
  bool pong = 8;
  string session = 9;
  string node = 10;
  int64 time = 11;
}

message SubscribeResult {
  bool expires = 1;
  uint32 ttl = 2;
  bool recoverable = 3;
  string epoch = 6;
  repeated Publication publications = 7;
  bool recovered = 8;
  uint64 offset = 9;
  bool positioned = 10;
  bool was_recovering = 12;
}

message PresenceResult { map<string, ClientInfo> presence = 1; }
message PresenceStatsResult { uint32 num_clients = 1; uint32 num_users = 2; }
message HistoryResult { repeated Publication publications = 1; string epoch = 2; uint64 offset = 3; }
message RpcResult { bytes data = 1; }
message RefreshResult { string client = 1; string version = 2; bool expires = 3; uint32 ttl = 4; }
message SubRefreshResult { bool expires = 1; uint32 ttl = 2; }

message EmulationRequest { string node = 1; string session = 2; bytes data = 3; }
`;
