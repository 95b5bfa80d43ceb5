// The public door of the words: what programs that speak the protocol may import.
export type { Thread } from './ask.js';
export { decode, encode, joinFrame } from './codec.js';
export type { EventType, LogRecord, SignalEvent } from './event.js';
export { eventTypes, isEvent, peersOf, refsOf } from './event.js';
export { closeCodes, PROTOCOL, SUBPROTOCOLS } from './frame.js';
export { limits } from './limits.js';
export type { Filter } from './mesh.js';
export type { InboxItem } from './message.js';
export type { CommandName, MethodName, Params, Result } from './method.js';
export { methods } from './method.js';
export type { PeerRow } from './peer.js';
export type { Refusal, RefusalName } from './refusal.js';
export { refusals } from './refusal.js';
export type { TokenRow } from './token.js';
export { idTime, makeUuid } from './uuid.js';
