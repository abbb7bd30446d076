/** The verifier: explores what the world may do to the protocol programs that production runs. */
export type { Explored, Found, Progress } from './explore.js';
export type { Move } from './moves.js';
export { type Mutant, mutants } from './mutants/index.js';
export type { Bounds, StoreModels } from './scenario.js';
export { mutantSubject, verifyMutant, verifyProtocol } from './verify.js';
