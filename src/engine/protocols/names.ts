/** Every protocol's name, in the order in which they are listed everywhere. */
export const protocolNames = [
  'none',
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
] as const;

export type ProtocolName = (typeof protocolNames)[number];
