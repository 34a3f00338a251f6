// Written by `node bindings-js/generate/payload.mjs`.

/** What is known of the payload of a scheme: `unknown` for all but these. */
export type PayloadOf<Scheme> = Scheme extends keyof Payloads ? Payloads[Scheme] : unknown;

/** The payloads of the schemes whose senders publish theirs. */
export interface Payloads {
  standard_webhooks: StandardPayload;
  standard_webhooks_ed25519: StandardPayload;
  naive: NaivePayload;
  ainative: AinativePayload;
  yativo: YativoPayload;
  "yativo-v2": YativoPayload;
  nativemsg: NativemsgPayload;
  luma: LumaPayload;
}

/** The body of a Standard Webhooks message. */
export type StandardPayload = StandardEnvelope;

/** What every one of them has. */
export interface StandardEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** When it happened: RFC 3339. */
  timestamp: string;
  /** The type of the event: `invoice.paid`. */
  type: string;
}

/** The body of a naive webhook. Types that this version does not know may come, too. */
export type NaivePayload =
  | (NaiveEnvelope & { event: "approval.resolved"; data: NaiveApprovalResolved })
  | (NaiveEnvelope & { event: "email.received"; data: NaiveEmailReceived });

/** What every one of them has. */
export interface NaiveEnvelope {
  /** The particulars, with `tenant_user_id`. */
  data: Record<string, unknown>;
  /** The type of the event: `email.received`. */
  event: string;
  /** When it happened, in milliseconds since the epoch. */
  ts: number;
}

/** The data of `approval.resolved`. */
export interface NaiveApprovalResolved {
  /** How it ended. */
  status: NaiveApprovalStatus;
  /** Whose it is; none when it is the company's. */
  tenant_user_id: string | null;
}

/** How an approval ended. */
export type NaiveApprovalStatus = "approved" | "denied" | "failed" | (string & {});

/** The data of `email.received`. */
export interface NaiveEmailReceived {
  /** Whose inbox it is; none when it is the company's. */
  tenant_user_id: string | null;
}

/** The body of an ainative (ZeroDB) webhook. Types that this version does not know may come, too. */
export type AinativePayload =
  | (AinativeEnvelope & { event_type: "agent.task.complete"; data: AinativeAgentTaskComplete })
  | (AinativeEnvelope & { event_type: "mcp.server.ready"; data: AinativeMcpServerReady })
  | (AinativeEnvelope & { event_type: "memory.consolidated"; data: AinativeMemoryConsolidated })
  | (AinativeEnvelope & { event_type: "memory.stored"; data: AinativeMemoryStored })
  | (AinativeEnvelope & { event_type: "vectors.indexed"; data: AinativeVectorsIndexed });

/** What every one of them has. */
export interface AinativeEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** The type of the event: `memory.stored`. */
  event_type: string;
  /** When it happened: RFC 3339, UTC, seconds. */
  occurred_at: string;
}

/** The data of `agent.task.complete`. */
export interface AinativeAgentTaskComplete {
  /** The kinds of agent that took part: `backend`, `qa`. */
  agent_types?: string[] | null;
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
  /** How it ended: `completed`. */
  status: string;
  /** The id of the task, by which the API tells more about it. */
  task_id: string;
}

/** The data of `mcp.server.ready`. */
export interface AinativeMcpServerReady {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}

/** The data of `memory.consolidated`. */
export interface AinativeMemoryConsolidated {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}

/** The data of `memory.stored`. */
export interface AinativeMemoryStored {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}

/** The data of `vectors.indexed`. */
export interface AinativeVectorsIndexed {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}

/** The body of a yativo webhook. Types that this version does not know may come, too. */
export type YativoPayload =
  | (YativoEnvelope & { type: "deposit.confirmed" })
  | (YativoEnvelope & { type: "deposit.detected" })
  | (YativoEnvelope & { type: "transaction.confirmed" })
  | (YativoEnvelope & { type: "transaction.failed" })
  | (YativoEnvelope & { type: "transaction.initiated" })
  | (YativoEnvelope & { type: "transaction.submitted" })
  | (YativoEnvelope & { type: "withdrawal.completed" });

/** What every one of them has. */
export interface YativoEnvelope {
  /** When it happened: RFC 3339, UTC. */
  created_at: string;
  /** The particulars. */
  data: Record<string, unknown>;
  /** The id of the event, the same over attempts and replays: `evt_…`. */
  id: string;
  /** The type of the event: `deposit.confirmed`. */
  type: string;
}

/** The body of a nativeMsg webhook. Types that this version does not know may come, too. */
export type NativemsgPayload =
  | (NativemsgEnvelope & { event: "message.received" } & NativemsgMessageReceived)
  | (NativemsgEnvelope & { event: "message.sent" } & NativemsgMessageSent)
  | (NativemsgEnvelope & { event: "message.status" } & NativemsgMessageStatus)
  | (NativemsgEnvelope & { event: "user.created" } & NativemsgUserCreated);

/** What every one of them has. */
export interface NativemsgEnvelope {
  /** Which bot it belongs to. */
  bot_id: string | null;
  /** The type of the event: `message.received`. */
  event: string;
  /** `sha256=` and hex, once the body is signed. */
  signature?: string | null;
  /** When it happened: RFC 3339, UTC. */
  timestamp: string;
}

/** The members of `message.received`. */
export interface NativemsgMessageReceived {
  /** What was sent. */
  message: NativemsgMessage;
  /** Who sent it. */
  user: NativemsgUser;
}

/** The members of `message.sent`. */
export interface NativemsgMessageSent {
  /** What was sent. */
  message?: NativemsgMessage | null;
  /** Whom it was sent to. */
  user?: NativemsgUser | null;
}

/** The members of `message.status`. */
export interface NativemsgMessageStatus {
  /** The message whose status changed. */
  message?: NativemsgMessage | null;
  /** Whom the message was sent to. */
  user?: NativemsgUser | null;
}

/** A message. */
export interface NativemsgMessage {
  /** The text of a text message. */
  content?: string | null;
  /** What it is: `text`. */
  type: string;
}

/** A person who talks with a bot. */
export interface NativemsgUser {
  /** The id of the user. */
  id: string;
  /** The number with `+` and country code, where the channel has one. */
  phone?: string | null;
}

/** The members of `user.created`. */
export interface NativemsgUserCreated {
  /** Who was created. */
  user?: NativemsgUser | null;
}

/** The body of a Luma webhook. Types that this version does not know may come, too. */
export type LumaPayload =
  | (LumaEnvelope & { type: "guest.registered"; data: LumaGuestRegistered });

/** What every one of them has. */
export interface LumaEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** The type of the event: `guest.registered`. */
  type: string;
}

/** The data of `guest.registered`. */
export interface LumaGuestRegistered {
  /** Whether the guest may come. */
  approval_status: LumaGuestStatus;
  /** What the guest registered for. */
  event?: LumaGathering | null;
  /** The id of the guest. */
  id: string;
  /** When the guest registered: RFC 3339. */
  registered_at: string | null;
  /** The address of the guest. */
  user_email: string;
  /** The first name. */
  user_first_name: string | null;
  /** The last name. */
  user_last_name: string | null;
  /** The whole name, where the guest gave one. */
  user_name: string | null;
}

/** Whether a guest may come. */
export type LumaGuestStatus = "approved" | "declined" | "invited" | "pending_approval" | "session" | "waitlist" | (string & {});

/** What a guest registers for. */
export interface LumaGathering {
  /** When it ends: RFC 3339. */
  end_at?: string | null;
  /** Its id: `evt-…`. */
  id: string | null;
  /** Its name. */
  name?: string | null;
  /** When it starts: RFC 3339. */
  start_at?: string | null;
  /** The name of its time zone: `Europe/Berlin`. */
  timezone?: string | null;
}
