/** The library: handlers of your own on oncectl's protocols, operated by the same command line. */
export { type ErrorKind, type Happened, OncectlError } from './engine/errors.js';
export {
  type EndpointDefinition,
  type EntityDraft,
  endpoint,
  type Handler,
  type IncomingMessage,
  type Send,
  type SendOptions,
} from './engine/handler.js';
export { type ProtocolName, protocolNames } from './engine/protocols/names.js';
export type {
  EmbeddedServiceOptions,
  ProfileServiceOptions,
  ServiceFailure,
  ServiceOptions,
} from './service/options.js';
export { type OutsideMessage, type Service, startService } from './service/service.js';
